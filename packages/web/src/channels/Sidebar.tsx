import type { TabStatus } from '@parley/browser';
import { Compass, MailOpen, Plus, Search, Settings, Share2 } from 'lucide-react';
import { type ReactNode, useMemo } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { MOD } from '../app/shortcuts.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { useSelf } from '../people/Name.tsx';
import { PeopleSection } from '../people/PeopleSection.tsx';
import { go, showDialog, sortedChannels } from '../state/actions.ts';
import { isListed, tellApart } from '../state/channels.ts';
import { formatRoute, type Route } from '../state/route.ts';
import { isOnline } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Logo } from '../ui/Logo.tsx';
import { ChannelIcon } from './ChannelIcon.tsx';
import { UnreadBadge } from './UnreadBadge.tsx';

/** The channels, the people, and ways to everything else. */
export function Sidebar(): ReactNode {
  const context = useApp();
  const channels = useSelect(({ channels: loaded, shell }) => loaded ?? shell?.channels);
  const invitations = useSelect((state) => state.invitations?.length ?? 0);
  const route = useSelect((state) => state.route);
  const joined = useMemo(() => sortedChannels((channels ?? []).filter(isListed)), [channels]);
  const apart = useMemo(() => tellApart(joined), [joined]);
  return (
    <nav className="sidebar" aria-label="Channels and people">
      <header className="sidebar-head">
        <Logo size={26} />
        <span className="wordmark">Parley</span>
        <IconButton icon={Search} label="Search messages" keys={`${MOD} Shift F`} onClick={() => go({ view: 'search' })} />
      </header>
      <button type="button" className="switcher-button" onClick={() => showDialog(context, { kind: 'switcher' })}>
        <span>Go to…</span>
        <kbd>{MOD} K</kbd>
      </button>
      <div className="sidebar-scroll">
        <div className="sidebar-section">
          <h2>Channels</h2>
          <IconButton icon={Compass} label="Find a channel" onClick={() => showDialog(context, { kind: 'browse' })} />
          <IconButton icon={Plus} label="Create a channel" onClick={() => showDialog(context, { kind: 'create' })} />
        </div>
        <ul className="channel-list">
          {invitations > 0 && (
            <li>
              <button type="button" className="channel channel-unread" onClick={() => showDialog(context, { kind: 'invitations' })}>
                <MailOpen aria-hidden="true" />
                <span className="channel-name">Invitations</span>
                <UnreadBadge unread={invitations} words="open" />
              </button>
            </li>
          )}
          {joined.map(({ id, name, kind, unread, joined: isIn }) => {
            const current = route.view === 'channel' && route.channelId === id;
            return (
              <li key={id}>
                <a
                  href={formatRoute({ view: 'channel', channelId: id })}
                  className={`channel ${unread > 0 && isIn ? 'channel-unread' : ''}`}
                  aria-current={current ? 'page' : undefined}
                >
                  <ChannelIcon kind={kind} />
                  <bdi className="channel-name">{inert(name)}</bdi>
                  {apart.has(id) && <span className="name-digits">{apart.get(id)}</span>}
                  {kind === 'closed' && <span className="sr-only">, closed channel</span>}
                  {isIn ? <UnreadBadge unread={unread} /> : <span className="contact-mark quiet">removed</span>}
                </a>
              </li>
            );
          })}
          {channels && joined.length === 0 && (
            <li className="channel-none quiet">
              <p>You are not in any channel yet.</p>
              <button type="button" className="button" onClick={() => showDialog(context, { kind: 'browse' })}>
                Find a channel
              </button>
            </li>
          )}
        </ul>
        <PeopleSection />
      </div>
      <Foot route={route} />
    </nav>
  );
}

function presence(status: TabStatus | undefined): string {
  if (!status) return 'Opening…';
  return isOnline(status) ? 'In the network' : 'No server';
}

function Foot({ route }: { route: Route }): ReactNode {
  const context = useApp();
  const status = useSelect((state) => state.status);
  const shell = useSelect((state) => state.shell);
  const self = status ?? shell;
  const drawn = useSelf();
  const online = isOnline(status);
  return (
    <footer className="sidebar-foot">
      {self && (
        <button type="button" className="self" onClick={() => showDialog(context, { kind: 'person', nodeId: self.node_id })}>
          <Avatar person={drawn} size={32} present={online} />
          <span>
            <bdi className="self-name">{inert(self.name)}</bdi>
            <span className="quiet">{presence(status)}</span>
          </span>
        </button>
      )}
      <IconButton
        icon={Share2}
        label="Network"
        className={route.view === 'network' ? 'icon-current' : ''}
        onClick={() => go({ view: 'network' })}
      />
      <IconButton
        icon={Settings}
        label="Settings"
        keys={`${MOD} ,`}
        className={route.view === 'settings' ? 'icon-current' : ''}
        onClick={() => go({ view: 'settings' })}
      />
    </footer>
  );
}
