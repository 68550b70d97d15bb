import type { ChannelView } from '@parley/core';
import { ArrowLeft, MoreHorizontal, Search, ShieldCheck, Timer, TriangleAlert, UserRound, Users } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { ChannelIcon } from '../channels/ChannelIcon.tsx';
import { Avatar } from '../people/Avatar.tsx';
import { MemberList } from '../people/MemberList.tsx';
import { go, joinChannel, leaveChannel, openPanel, showDialog } from '../state/actions.ts';
import { placeOf, tellApart } from '../state/channels.ts';
import { calledOf, unblockContact } from '../state/contacts.ts';
import { attempt, type Context } from '../state/context.ts';
import { openConversation } from '../state/conversation.ts';
import { isAway, presenceWords } from '../state/presence.ts';
import type { Panel } from '../state/route.ts';
import { search } from '../state/search.ts';
import { capital, lifetimeWords, plural } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { part } from '../ui/part.tsx';
import { fullTime } from '../ui/time.ts';
import { Composer } from './Composer.tsx';
import { MessageDetails } from './MessageDetails.tsx';
import { MessageList } from './MessageList.tsx';
import { inert } from './plain.ts';
import { TypingLine } from './TypingLine.tsx';

export default function Conversation({ channelId, panel }: { channelId: string; panel: Panel | undefined }): ReactNode {
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
        <p className="quiet">
          Perhaps nobody who is in it can be reached now. If it is a closed one, you may have been removed from it; if it was a conversation
          of two, they are no longer your contact.
        </p>
        <button type="button" className="button" onClick={() => go({ view: 'home' }, true)}>
          Back to the channels
        </button>
      </main>
    );
  }
  return (
    <main className={`conversation ${panel ? 'conversation-with-panel' : ''}`}>
      <h1 className="sr-only">{inert(channel.name)}</h1>
      <div className="main">
        <ConversationHead channel={channel} panel={panel} />
        {timeline && timeline.loading !== 'all' ? (
          <MessageList channelId={channelId} channelName={channel.name} timeline={timeline} />
        ) : (
          <div className="messages-frame" aria-busy="true" />
        )}
        {channel.joined && (channel.kind ?? 'public') !== 'public' && <TypingLine channelId={channelId} />}
        <Writing channel={channel} />
      </div>
      {panel?.kind === 'members' && channel.kind !== 'closed' && <MemberList channelId={channelId} />}
      {panel?.kind === 'members' && channel.kind === 'closed' && <ClosedMembers channelId={channelId} />}
      {panel?.kind === 'pinned' && <Pinned channelId={channelId} />}
      {panel?.kind === 'message' && <MessageDetails channelId={channelId} cursor={panel.cursor} />}
    </main>
  );
}

/** Where one writes, or why nothing can be written here. */
function Writing({ channel }: { channel: ChannelView }): ReactNode {
  const context = useApp();
  const blocked = useSelect(({ contacts }) => contacts?.find(({ channel_id, blocked }) => blocked && channel_id === channel.id));
  if (!channel.joined) return <NotIn channel={channel} />;
  if (blocked) {
    return (
      <div className="join-bar">
        <p>
          <bdi>{inert(calledOf(blocked))}</bdi> is blocked. Nothing that they send you directly is heard, and nothing can be written to
          them.
        </p>
        <button type="button" className="button" onClick={() => void unblockContact(context, blocked)}>
          Unblock
        </button>
      </div>
    );
  }
  if (channel.role === 'observer') {
    return (
      <div className="join-bar">
        <p>You are an observer of this channel: you can read here, but not write.</p>
      </div>
    );
  }
  return <Composer channelId={channel.id} place={placeOf(channel)} />;
}

/** What stands there in a conversation that the user is not in. */
function NotIn({ channel: { id, kind, name, ended } }: { channel: ChannelView }): ReactNode {
  const context = useApp();
  if (kind === 'direct' || kind === 'closed') {
    return (
      <div className="join-bar">
        <p>
          {kind === 'direct'
            ? 'They are no longer your contact: nothing can be written here.'
            : `${ended?.removed ? `You were removed from this channel${ended.by ? ` by ${inert(ended.by.display)}` : ''}, ${fullTime(ended.time)}.` : 'You are not in this closed channel.'} A member can invite you.`}
        </p>
        {ended?.removed && (
          <button type="button" className="button" onClick={() => void attempt(context, () => leaveChannel(context, id))}>
            Take it off the list
          </button>
        )}
      </div>
    );
  }
  return (
    <div className="join-bar">
      <p>You are not in this channel.</p>
      <button type="button" className="button button-primary" onClick={() => void joinChannel(context, id)}>
        Join #{inert(name)}
      </button>
    </div>
  );
}

interface HeadProps {
  readonly channel: ChannelView;
  readonly panel: Panel | undefined;
}

function ConversationHead({ channel, panel }: HeadProps): ReactNode {
  const context = useApp();
  const { id, joined, kind } = channel;
  return (
    <header className="main-head">
      <IconButton icon={ArrowLeft} label="Back to the channels" className="only-narrow" onClick={() => go({ view: 'home' })} />
      {kind === 'direct' ? <OtherHead channel={channel} /> : <ChannelHead channel={channel} panel={panel} />}
      <IconButton
        icon={Search}
        label={kind === 'direct' ? 'Search this conversation' : 'Search this channel'}
        onClick={() => {
          void search(context, context.store.get().search.query, id);
          go({ view: 'search' });
        }}
      />
      {kind !== 'direct' && (
        <IconButton
          icon={Users}
          label={panel?.kind === 'members' ? 'Hide members' : 'Show members'}
          onClick={() => togglePanel(context, panel)}
        />
      )}
      {joined && <MenuButton channelId={id} />}
    </header>
  );
}

function togglePanel(context: Context, panel: Panel | undefined): void {
  openPanel(context, panel?.kind === 'members' ? undefined : { kind: 'members' });
}

function ChannelHead({ channel: { id, name, kind, members, timer }, panel }: HeadProps): ReactNode {
  const context = useApp();
  const channels = useSelect((state) => state.channels);
  const digits = useMemo(() => tellApart(channels?.filter(({ joined }) => joined)).get(id), [channels, id]);
  return (
    <div className="main-title">
      <div className="title" aria-hidden="true">
        {kind === 'closed' ? <ChannelIcon kind={kind} className="title-lock" /> : <span className="hash">#</span>}
        <bdi>{inert(name)}</bdi>
        {digits !== undefined && <span className="name-digits"> {digits}</span>}
      </div>
      <button type="button" className="subtitle" onClick={() => togglePanel(context, panel)}>
        {plural(members, 'member')}
        {/* The lock says it too. */}
        {kind === 'closed' && <span className="words-if-wide">, closed</span>}
        <Lasts timer={timer} />
      </button>
    </div>
  );
}

/** Says that what is written here disappears. `alone`: where it is narrow, nothing stands before it. */
function Lasts({ timer, alone = false }: { timer: ChannelView['timer']; alone?: boolean }): ReactNode {
  if (!timer || timer.seconds === 0) return null;
  return (
    <>
      <span className={alone ? 'words-if-wide' : ''}>, </span>
      <span className="words-if-wide">gone after </span>
      <Timer aria-hidden="true" className="only-narrow lasts-mark" />
      {lifetimeWords(timer.seconds)}
    </>
  );
}

/** With whom one talks, and who can read it. */
function OtherHead({ channel }: { channel: ChannelView }): ReactNode {
  const context = useApp();
  const contact = useSelect(({ contacts }) => contacts?.find(({ channel_id }) => channel_id === channel.id));
  const presence = contact ? presenceWords(contact) : '';
  return (
    <>
      {contact && <Avatar person={contact} size={32} present={contact.present} away={isAway(contact)} />}
      <div className="main-title main-title-other">
        <div className="title" aria-hidden="true">
          <bdi>{inert(channel.name)}</bdi>
          {contact?.verified && <ShieldCheck aria-hidden="true" className="mark mark-good" />}
        </div>
        <span className="subtitle">
          {contact?.verified && <span className="sr-only">Verified. </span>}
          {/* What changes stands first: on a phone there is room for little more. */}
          {capital(presence)}
          <span className={channel.timer?.seconds ? 'words-if-wide' : ''}>
            {presence === '' ? 'For you two alone' : ', for you two alone'}
          </span>
          <Lasts timer={channel.timer} alone={presence === ''} />
        </span>
      </div>
      {contact && (
        <IconButton
          icon={contact.new_key ? TriangleAlert : UserRound}
          label={contact.new_key ? 'Their key has changed: decide' : 'About them'}
          className={contact.new_key ? 'mark-bad' : ''}
          onClick={() => showDialog(context, { kind: 'person', nodeId: contact.node_id })}
        />
      )}
    </>
  );
}

const ClosedMembers = part(() => import('../channels/ClosedMembers.tsx'));
const ChannelMenu = part(() => import('./ChannelMenu.tsx'));
const Pinned = part(() => import('./Pinned.tsx'));

function MenuButton({ channelId }: { channelId: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton ref={button} icon={MoreHorizontal} label="More" aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(true)} />
      {open && <ChannelMenu channelId={channelId} trigger={button} onClose={() => setOpen(false)} />}
    </>
  );
}
