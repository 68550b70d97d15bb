import type { TabEvent } from '@parley/browser';
import { displayName } from '@parley/core';
import { inert } from '../chat/plain.ts';
import { loadInvitations, renewClosed } from './closed.ts';
import { calledOf, loadContacts, tellContact } from './contacts.ts';
import { type Context, report } from './context.ts';
import { loadChanges, loadMembers, openConversation, sendKept, wouldLose } from './conversation.ts';
import { applyEvent } from './events.ts';
import { deservesNotice, noticeOf, spoken } from './notify.ts';
import { watchActivity } from './presence.ts';
import { formatRoute } from './route.ts';
import { searchAgain } from './search.ts';

/** Status and channels are asked for again at most this often, however many events there are. */
const REFRESH_MS = 250;

/** Follows the node: its phase, its events, and what they make worth asking for again. Returns a function that ends it. */
export function follow(context: Context): () => void {
  const { parley, store } = context;
  const refresh = collector(context);
  let ending: (() => void) | undefined;
  let sent = false;

  const onPhase = (): void => {
    const { phase } = parley;
    store.update((state) => (state.phase === phase ? state : { ...state, phase }));
    if (phase.phase === 'new' || phase.phase === 'locked') forgetShell(context);
    if (phase.phase !== 'running') return;
    ending ??= parley.node.subscribe((event) => {
      store.update((state) => applyEvent(state, event));
      react(context, event, refresh);
    });
    refresh('status');
    refresh('channels');
    refresh('contacts');
    refresh('invitations');
    refresh('devices');
    if (sent) return;
    sent = true;
    void sendKept(context);
  };

  const leave = (): void => keepShell(context);
  const ask = (event: BeforeUnloadEvent): void => {
    if (wouldLose()) event.preventDefault();
  };
  addEventListener('pagehide', leave);
  addEventListener('beforeunload', ask);
  const ends = [
    watchActivity(context),
    parley.onPhase(onPhase),
    () => removeEventListener('pagehide', leave),
    () => removeEventListener('beforeunload', ask),
  ];
  onPhase();
  return () => {
    ending?.();
    for (const end of ends) end();
  };
}

/** Nobody is at home, or nobody may look before the passphrase is given. */
function forgetShell({ store, keep }: Context): void {
  keep.setShell(undefined);
  store.update(({ shell: _, ...state }) => state);
}

/** What the next visit shows at once. */
function keepShell({ store, keep }: Context): void {
  const { status, channels, phase } = store.get();
  if (phase.phase !== 'running' || !status || !channels) return;
  const { node_id, key, name, encrypted } = status;
  const joined = channels.filter((channel) => channel.joined);
  keep.setShell(encrypted ? undefined : { node_id, key, name, display: displayName(name, node_id), present: false, channels: joined });
}

type Refresh = (what: 'devices' | 'status' | 'channels' | 'contacts' | 'invitations' | 'search') => void;

/** Gathers wishes to ask again: the first is granted at once, the others together a little later. */
function collector(context: Context): Refresh {
  const { parley, store } = context;
  const ask = {
    status: async () => {
      const status = await parley.node.status();
      store.update((state) => ({ ...state, status }));
      keepShell(context);
    },
    channels: async () => {
      const channels = await parley.node.channels();
      store.update((state) => ({ ...state, channels }));
      keepShell(context);
    },
    contacts: () => loadContacts(context),
    invitations: () => loadInvitations(context),
    search: () => searchAgain(context),
    devices: async () => {
      const devices = await parley.node.devices();
      store.update((state) => ({ ...state, devices }));
    },
  };
  const waiting = new Set<keyof typeof ask>();
  const running = new Set<keyof typeof ask>();
  const run = (what: keyof typeof ask): void => {
    running.add(what);
    ask[what]()
      .catch((error: unknown) => report(context, error))
      .finally(() => {
        setTimeout(() => {
          running.delete(what);
          if (waiting.delete(what)) run(what);
        }, REFRESH_MS);
      });
  };
  return (what) => {
    if (running.has(what)) waiting.add(what);
    else run(what);
  };
}

function react(context: Context, event: TabEvent, refresh: Refresh): void {
  const { store } = context;
  switch (event.event) {
    case 'status':
    case 'links':
      refresh('status');
      break;
    case 'channel':
      refresh('channels');
      renewClosed(context, event.channel_id);
      void loadChanges(context, event.channel_id);
      break;
    case 'invitation':
      refresh('invitations');
      break;
    case 'member':
      renewClosed(context, event.channel_id);
      // Counts of channels that are not open.
      if (!store.get().members[event.channel_id]) refresh('channels');
      break;
    case 'message':
      tell(context, event);
      refresh('search');
      break;
    case 'changed':
      refresh('search');
      break;
    case 'contact':
      tellContact(context, event, inert(calledOf(event.contact)));
      break;
    case 'reset':
      refresh('status');
      refresh('channels');
      refresh('contacts');
      refresh('invitations');
      refresh('search');
      askAgain(context);
      break;
    default:
  }
}

/** Events were lost: what is loaded may have holes. */
function askAgain(context: Context): void {
  const { route } = context.store.get();
  context.store.update((state) => ({ ...state, timelines: {}, changes: {}, members: {}, closed: {}, typing: {} }));
  if (route.view !== 'channel') return;
  void openConversation(context, route.channelId);
  loadMembers(context, route.channelId).catch((error: unknown) => report(context, error));
}

function tell(context: Context, { message }: Extract<TabEvent, { event: 'message' }>): void {
  const { route, settings, status } = context.store.get();
  if (message.own) return;
  if (route.view === 'channel' && route.channelId === message.channel_id) {
    context.announcement.update(() => `${inert(message.sender.display)}: ${spoken(message)}`);
  }
  const hidden = document.visibilityState === 'hidden' || !document.hasFocus();
  if (deservesNotice(message, settings, status?.name ?? '', hidden)) {
    const path = `/${formatRoute({ view: 'channel', channelId: message.channel_id })}`;
    const { title, body } = noticeOf(message, settings);
    showNotification(title, body, message.msg_id, path).catch((error: unknown) => report(context, error));
  }
}

/** By the service worker where there is one, since some browsers allow no other way. `tag`: the same one is shown once. */
async function showNotification(title: string, body: string, tag: string, path: string): Promise<void> {
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const options: NotificationOptions = { body, tag, icon: '/icon-192.png', data: { path } };
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration?.active) {
    await registration.showNotification(title, options);
    return;
  }
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    location.hash = path.slice(path.indexOf('#'));
    notification.close();
  };
}
