import { type ReactNode, useEffect } from 'react';
import { Sidebar } from '../channels/Sidebar.tsx';
import { showDialog } from '../state/actions.ts';
import { isListed, placeOf } from '../state/channels.ts';
import { totalUnread } from '../state/events.ts';
import type { Route } from '../state/route.ts';
import { Logo } from '../ui/Logo.tsx';
import { part } from '../ui/part.tsx';
import { Banners, Notices } from './Banners.tsx';
import { useApp, useSelect, useStore } from './hooks.ts';
import { MOD, useShortcuts } from './shortcuts.ts';

const COMING = <main className="main" aria-busy="true" />;
/** Needed soon by nearly everybody, and by nobody before there is a channel. */
const Conversation = part(() => import('../chat/Conversation.tsx'), COMING);
const SearchView = part(() => import('../chat/SearchView.tsx'), COMING);
const NetworkView = part(() => import('../network/NetworkView.tsx'), COMING);
const SettingsView = part(() => import('../settings/SettingsView.tsx'), COMING);
const Dialogs = part(() => import('./Dialogs.tsx'));

/** The app of a running node: channels at the left, and beside them what was chosen. */
export default function Main(): ReactNode {
  const { announcement } = useApp();
  const route = useSelect((state) => state.route);
  const dialog = useSelect((state) => state.dialog);
  const spoken = useStore(announcement);
  useShortcuts();
  useTitle();
  useEffect(() => {
    // Before it is needed: what is typed while a dialog loads would go where the keyboard was before. What fails is asked for again then, and reported.
    for (const { load } of [Conversation, Dialogs]) load().catch(() => {});
  }, []);
  return (
    <div className={`app ${route.view === 'home' ? 'app-home' : ''}`}>
      <Banners />
      <div className="app-columns">
        <Sidebar />
        <Content route={route} />
      </div>
      <Notices />
      {dialog && <Dialogs />}
      <div className="sr-only" aria-live="polite" role="status">
        {spoken}
      </div>
    </div>
  );
}

function Content({ route }: { route: Route }): ReactNode {
  switch (route.view) {
    case 'channel':
      return <Conversation key={route.channelId} channelId={route.channelId} panel={route.panel} />;
    case 'search':
      return <SearchView />;
    case 'network':
      return <NetworkView cursor={route.cursor} />;
    case 'settings':
      return <SettingsView />;
    case 'home':
      return <Nothing />;
  }
}

/** No channel is chosen: on a phone the list of channels stands here. */
function Nothing(): ReactNode {
  const context = useApp();
  const any = useSelect(({ channels, shell }) => (channels ?? shell?.channels)?.some(isListed) ?? false);
  return (
    <main className="main main-empty only-wide">
      <Logo size={72} />
      <h1>{any ? 'Choose a channel' : 'You are in the network'}</h1>
      <p className="quiet">
        {any
          ? `Or press ${MOD} K to go anywhere.`
          : 'In channels many people talk: find one, or create your own. With somebody who is your contact you talk alone.'}
      </p>
      {!any && (
        <div className="button-row">
          {BEGINNINGS.map(([kind, label]) => (
            <button key={kind} type="button" className="button" onClick={() => showDialog(context, { kind })}>
              {label}
            </button>
          ))}
        </div>
      )}
    </main>
  );
}

const BEGINNINGS = [
  ['browse', 'Find a channel'],
  ['create', 'Create a channel'],
  ['add-contact', 'Add a contact'],
] as const;

/** The title of the tab tells of what waits, and of where one is. */
function useTitle(): void {
  const unread = useSelect(({ channels }) => totalUnread(channels));
  const channel = useSelect(({ route, channels }) =>
    route.view === 'channel' ? channels?.find(({ id }) => id === route.channelId) : undefined,
  );
  const place = channel && placeOf(channel);
  useEffect(() => {
    if (document.visibilityState === 'hidden') {
      // Timers of a hidden page may come a minute late.
      tell(unread, place);
      return undefined;
    }
    const timer = setTimeout(() => tell(unread, place), TITLE_MS);
    return () => clearTimeout(timer);
  }, [unread, place]);
}

/** What is read as soon as it comes was never unread outside the page. */
const TITLE_MS = 200;

function tell(unread: number, place: string | undefined): void {
  document.title = `${unread > 0 ? `(${unread > 999 ? '999+' : unread}) ` : ''}${place === undefined ? '' : `${place} · `}Parley`;
  // Of an installed app, on the systems that show it.
  if (unread > 0) navigator.setAppBadge?.(unread).catch(() => undefined);
  else navigator.clearAppBadge?.().catch(() => undefined);
}
