import type { ChannelView, MessageView } from '@parley/core';
import { attempt, type Context, notify } from './context.ts';
import { closeConversation, loadAround, openConversation } from './conversation.ts';
import { contactIn, formatRoute, type Panel, parseRoute, type Route } from './route.ts';
import type { Settings } from './settings.ts';
import type { Dialog } from './types.ts';

/** Turns to another view. `replace`: going back does not lead here. */
export function go(route: Route, replace = false): void {
  const hash = formatRoute(route);
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, '', hash);
    dispatchEvent(new HashChangeEvent('hashchange'));
  } else location.hash = hash;
}

/** Keeps the state's route as the address says. Returns a function that ends it. */
export function followAddress(context: Context): () => void {
  const arrive = (): void => {
    const { store } = context;
    const previous = store.get().route;
    const link = contactIn(location.hash);
    if (link !== undefined) {
      // Not a place of its own: what one came from stays behind the dialog.
      history.replaceState(null, '', formatRoute(previous));
      showDialog(context, { kind: 'add-contact', link });
      return;
    }
    const route = parseRoute(location.hash);
    const { dialog: _, ...state } = store.get();
    store.update(() => ({ ...state, route }));
    const left = previous.view === 'channel' && !(route.view === 'channel' && route.channelId === previous.channelId);
    if (left) closeConversation(context, previous.channelId);
  };
  addEventListener('hashchange', arrive);
  if (contactIn(location.hash) !== undefined) arrive();
  return () => removeEventListener('hashchange', arrive);
}

export function openChannel(channelId: string): void {
  go({ view: 'channel', channelId });
}

/** Opens what stands beside the conversation; undefined closes it. */
export function openPanel({ store }: Context, panel: Panel | undefined): void {
  const { route } = store.get();
  if (route.view !== 'channel') return;
  go({ view: 'channel', channelId: route.channelId, ...(panel && { panel }) }, route.panel !== undefined);
}

export function showDialog({ store }: Context, dialog: Dialog | undefined): void {
  store.update(({ dialog: _, ...state }) => (dialog ? { ...state, dialog } : state));
}

/** The next or the previous channel of the list, or the next that has something unread. */
export function stepChannel({ store }: Context, step: 1 | -1, unreadOnly = false): void {
  const { channels = [], route } = store.get();
  // As they stand at the side: people below the channels.
  const joined = sortedChannels(channels.filter(({ joined }) => joined)).sort(
    (a, b) => Number(a.kind === 'direct') - Number(b.kind === 'direct'),
  );
  const at = joined.findIndex(({ id }) => route.view === 'channel' && route.channelId === id);
  for (let count = 1; count <= joined.length; count += 1) {
    const start = at === -1 && step === -1 ? 0 : at;
    const next = joined[(start + step * count + joined.length * 2) % joined.length];
    if (next && (!unreadOnly || next.unread > 0)) {
      openChannel(next.id);
      return;
    }
  }
}

export function sortedChannels(channels: readonly ChannelView[]): ChannelView[] {
  return [...channels].sort(
    (a, b) => a.name.localeCompare(b.name, undefined, { sensitivity: 'base', numeric: true }) || (a.id < b.id ? -1 : 1),
  );
}

export async function createChannel({ parley }: Context, name: string): Promise<void> {
  openChannel((await parley.node.create(name)).id);
}

export async function joinChannel(context: Context, channelId: string): Promise<void> {
  await attempt(context, async () => {
    const channel = await context.parley.node.join(channelId);
    replaceChannel(context, channel);
    showDialog(context, undefined);
    openChannel(channel.id);
    await openConversation(context, channel.id);
  });
}

/** Errors: `conflict` for the only owner of a closed channel that others are in. */
export async function leaveChannel(context: Context, channelId: string): Promise<void> {
  await context.parley.node.leave(channelId);
  const { route } = context.store.get();
  if (route.view === 'channel' && route.channelId === channelId) go({ view: 'home' }, true);
  context.store.update((state) => {
    const { [channelId]: _, ...timelines } = state.timelines;
    const channels = (state.channels ?? []).map((known) =>
      known.id === channelId
        ? { ...known, joined: false, ...(known.ended && { ended: { time: known.ended.time, removed: false } }) }
        : known,
    );
    return { ...state, timelines, channels };
  });
}

function replaceChannel({ store }: Context, channel: ChannelView): void {
  store.update((state) => ({ ...state, channels: [...(state.channels ?? []).filter(({ id }) => id !== channel.id), channel] }));
}

export function replyTo({ store }: Context, channelId: string, message: MessageView | undefined): void {
  store.update((state) => {
    if (state.replies[channelId] === message) return state;
    const { [channelId]: _, ...replies } = state.replies;
    return { ...state, replies: message ? { ...replies, [channelId]: message } : replies };
  });
}

/** Asks the list of a channel to show this message. */
export type Jump = CustomEvent<{ readonly channelId: string; readonly cursor: string }>;
export const JUMP = 'parley:jump';

/** Opens a channel at a message. */
export async function jumpTo(context: Context, message: MessageView): Promise<void> {
  if (!(await loadAround(context, message.channel_id, message))) return;
  const { route } = context.store.get();
  if (route.view !== 'channel' || route.channelId !== message.channel_id) openChannel(message.channel_id);
  // The list appears, or is drawn anew, before it can scroll.
  requestAnimationFrame(() =>
    requestAnimationFrame(() =>
      dispatchEvent(new CustomEvent(JUMP, { detail: { channelId: message.channel_id, cursor: message.cursor } })),
    ),
  );
}

export function setSettings({ store, keep }: Context, change: Partial<Settings>): void {
  store.update((state) => ({ ...state, settings: { ...state.settings, ...change } }));
  const { settings } = store.get();
  keep.setSettings(settings);
  applyTheme(settings.theme);
}

export function applyTheme(theme: Settings['theme']): void {
  const { dataset } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
}

/** Asks the browser for leave to notify. Resolves with whether it is given. */
export async function allowNotifications(context: Context): Promise<boolean> {
  if (!('Notification' in globalThis)) {
    notify(context, 'error', 'This browser has no notifications.');
    return false;
  }
  const given = (await Notification.requestPermission()) === 'granted';
  if (!given) notify(context, 'error', 'The browser does not allow notifications from this page. Its site settings can change that.');
  setSettings(context, { notifications: given });
  return given;
}
