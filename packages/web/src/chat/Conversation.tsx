import { ArrowLeft, Bell, BellOff, LogOut, MoreHorizontal, Search, Users } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { Menu, MenuItem, MenuTrigger, Popover, Separator } from 'react-aria-components';
import { useApp, useSelect } from '../app/hooks.ts';
import { MemberList } from '../people/MemberList.tsx';
import { go, joinChannel, openPanel, search, setSettings, showDialog } from '../state/actions.ts';
import { openConversation } from '../state/conversation.ts';
import { notifyLevel } from '../state/notify.ts';
import type { Panel } from '../state/route.ts';
import type { NotifyLevel } from '../state/settings.ts';
import { plural } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Composer } from './Composer.tsx';
import { MessageDetails } from './MessageDetails.tsx';
import { MessageList } from './MessageList.tsx';
import { inert } from './plain.ts';

export function Conversation({ channelId, panel }: { channelId: string; panel: Panel | undefined }): ReactNode {
  const context = useApp();
  const channel = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId));
  const known = useSelect(({ channels }) => channels !== undefined);
  const timeline = useSelect(({ timelines }) => timelines[channelId]);

  // A conversation opens once the channels are known: with them comes how much of it is unread.
  useEffect(() => {
    if (known) void openConversation(context, channelId);
  }, [context, channelId, known]);

  if (!known) return <main className="main" aria-busy="true" />;
  if (!channel) {
    return (
      <main className="main main-empty">
        <h1>This channel is not known here</h1>
        <p className="quiet">Perhaps nobody who is in it can be reached now.</p>
        <button type="button" className="button" onClick={() => go({ view: 'home' }, true)}>
          Back to the channels
        </button>
      </main>
    );
  }
  return (
    <div className={`conversation ${panel ? 'conversation-with-panel' : ''}`}>
      <main className="main">
        <ConversationHead channelId={channelId} name={channel.name} members={channel.members} panel={panel} joined={channel.joined} />
        {timeline && timeline.loading !== 'all' ? (
          <MessageList key={channelId} channelId={channelId} channelName={channel.name} timeline={timeline} />
        ) : (
          <div className="messages-frame" aria-busy="true" />
        )}
        {channel.joined ? (
          <Composer key={channelId} channelId={channelId} channelName={channel.name} />
        ) : (
          <div className="join-bar">
            <p>You are not in this channel.</p>
            <button type="button" className="button button-primary" onClick={() => void joinChannel(context, channelId)}>
              Join #{inert(channel.name)}
            </button>
          </div>
        )}
      </main>
      {panel?.kind === 'members' && <MemberList channelId={channelId} />}
      {panel?.kind === 'message' && <MessageDetails channelId={channelId} cursor={panel.cursor} />}
    </div>
  );
}

interface HeadProps {
  readonly channelId: string;
  readonly name: string;
  readonly members: number;
  readonly panel: Panel | undefined;
  readonly joined: boolean;
}

function ConversationHead({ channelId, name, members, panel, joined }: HeadProps): ReactNode {
  const context = useApp();
  const togglePanel = (): void => openPanel(context, panel?.kind === 'members' ? undefined : { kind: 'members' });
  return (
    <header className="main-head">
      <IconButton icon={ArrowLeft} label="Back to the channels" className="only-narrow" onPress={() => go({ view: 'home' })} />
      <div className="main-title">
        <h1>
          <span className="hash" aria-hidden="true">
            #
          </span>
          <bdi>{inert(name)}</bdi>
        </h1>
        <button type="button" className="subtitle" onClick={togglePanel}>
          {plural(members, 'member')}
        </button>
      </div>
      <IconButton
        icon={Search}
        label="Search this channel"
        onPress={() => {
          void search(context, context.store.get().search.query, channelId);
          go({ view: 'search' });
        }}
      />
      <IconButton icon={Users} label={panel?.kind === 'members' ? 'Hide members' : 'Show members'} onPress={togglePanel} />
      {joined && <ChannelMenu channelId={channelId} />}
    </header>
  );
}

const LEVELS: Readonly<Record<NotifyLevel, string>> = { all: 'every message', mentions: 'messages with your name', off: 'nothing' };

function ChannelMenu({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const settings = useSelect((state) => state.settings);
  const level = notifyLevel(settings, channelId);
  const choose = (key: string | number): void => {
    if (key === 'leave') showDialog(context, { kind: 'leave', channelId });
    else setSettings(context, { notifyChannel: { ...settings.notifyChannel, [channelId]: key as NotifyLevel } });
  };
  return (
    <MenuTrigger>
      <IconButton icon={MoreHorizontal} label="More" />
      <Popover className="popover popover-menu" placement="bottom end">
        <Menu className="menu" onAction={choose} aria-label="Channel">
          {(['all', 'mentions', 'off'] as const).map((each) => (
            <MenuItem key={each} id={each} textValue={`Notify of ${LEVELS[each]}`} className="menu-item">
              {each === 'off' ? <BellOff aria-hidden="true" /> : <Bell aria-hidden="true" />}
              <span>Notify of {LEVELS[each]}</span>
              {each === level && <span className="menu-mark">chosen</span>}
            </MenuItem>
          ))}
          <Separator className="menu-line" />
          <MenuItem id="leave" className="menu-item menu-danger">
            <LogOut aria-hidden="true" />
            <span>Leave the channel</span>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
