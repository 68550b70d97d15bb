import { ArrowLeft, MoreHorizontal, Search, Users } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { MemberList } from '../people/MemberList.tsx';
import { go, joinChannel, openPanel, search } from '../state/actions.ts';
import { openConversation } from '../state/conversation.ts';
import type { Panel } from '../state/route.ts';
import { plural } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Composer } from './Composer.tsx';
import { MessageDetails } from './MessageDetails.tsx';
import { MessageList } from './MessageList.tsx';
import { inert } from './plain.ts';

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
        <p className="quiet">Perhaps nobody who is in it can be reached now.</p>
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
        <ConversationHead channelId={channelId} name={channel.name} members={channel.members} panel={panel} joined={channel.joined} />
        {timeline && timeline.loading !== 'all' ? (
          <MessageList channelId={channelId} channelName={channel.name} timeline={timeline} />
        ) : (
          <div className="messages-frame" aria-busy="true" />
        )}
        {channel.joined ? (
          <Composer channelId={channelId} channelName={channel.name} />
        ) : (
          <div className="join-bar">
            <p>You are not in this channel.</p>
            <button type="button" className="button button-primary" onClick={() => void joinChannel(context, channelId)}>
              Join #{inert(channel.name)}
            </button>
          </div>
        )}
      </div>
      {panel?.kind === 'members' && <MemberList channelId={channelId} />}
      {panel?.kind === 'pinned' && (
        <Suspense>
          <Pinned channelId={channelId} />
        </Suspense>
      )}
      {panel?.kind === 'message' && <MessageDetails channelId={channelId} cursor={panel.cursor} />}
    </main>
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
      <IconButton icon={ArrowLeft} label="Back to the channels" className="only-narrow" onClick={() => go({ view: 'home' })} />
      <div className="main-title">
        <div className="title" aria-hidden="true">
          <span className="hash">#</span>
          <bdi>{inert(name)}</bdi>
        </div>
        <button type="button" className="subtitle" onClick={togglePanel}>
          {plural(members, 'member')}
        </button>
      </div>
      <IconButton
        icon={Search}
        label="Search this channel"
        onClick={() => {
          void search(context, context.store.get().search.query, channelId);
          go({ view: 'search' });
        }}
      />
      <IconButton icon={Users} label={panel?.kind === 'members' ? 'Hide members' : 'Show members'} onClick={togglePanel} />
      {joined && <MenuButton channelId={channelId} />}
    </header>
  );
}

const ChannelMenu = lazy(() => import('./ChannelMenu.tsx'));
const Pinned = lazy(() => import('./Pinned.tsx'));

function MenuButton({ channelId }: { channelId: string }): ReactNode {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <IconButton ref={button} icon={MoreHorizontal} label="More" aria-haspopup="menu" aria-expanded={open} onClick={() => setOpen(true)} />
      {open && (
        <Suspense>
          <ChannelMenu channelId={channelId} trigger={button} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
