import type { ChannelView } from '@parley/core';
import { Lock } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { beginsHere } from '../state/channels.ts';
import { circuitWords } from '../state/words.ts';
import { inert } from './plain.ts';

/** Above the oldest message: what kind of conversation this is, and who can read it. */
export function ConversationStart({ channelId }: { channelId: string }): ReactNode {
  const channel = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId));
  if (!channel) return null;
  return (
    <div className="start">
      <h2>
        {channel.kind === 'direct' ? null : channel.kind === 'closed' ? <Lock aria-hidden="true" className="mark" /> : '#'}{' '}
        <bdi>{inert(channel.name)}</bdi>
      </h2>
      <Readers channel={channel} />
    </div>
  );
}

const BEGINS = 'The conversation begins here.';

function Readers({ channel }: { channel: ChannelView }): ReactNode {
  const begins = useSelect(({ status }) => beginsHere(channel, status?.key));
  if (channel.kind === 'direct') return <OnlyTwo channel={channel} />;
  if (channel.kind === 'closed') {
    return (
      <p>
        {begins ? BEGINS : 'Nothing older can be read here.'} This channel is closed: what is written is encrypted, and only its members can
        read it. Those who pass it on see that something is sent, and to whom.
      </p>
    );
  }
  return (
    <p>
      {begins ? BEGINS : 'Nothing older is kept in this browser.'} This channel is public: whoever passes its messages on can read them.
    </p>
  );
}

function OnlyTwo({ channel }: { channel: ChannelView }): ReactNode {
  const context = useApp();
  const contact = useSelect(({ contacts }) => contacts?.find(({ channel_id }) => channel_id === channel.id));
  const [hops, setHops] = useState<number>();
  useEffect(() => {
    let current = true;
    context.parley.node
      .settings()
      .then(({ circuits }) => {
        if (current) setHops(circuits);
      })
      // The page says by itself that the node is not there.
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [context]);
  return (
    <>
      <p>
        Only you and <bdi>{inert(channel.name)}</bdi> can read what is written here: it is encrypted on the way, with keys that change as
        you write. {hops !== undefined && circuitWords(hops)}
      </p>
      {contact && !contact.verified && (
        <p>
          You have not compared the safety number yet, so this may be somebody else with that name.{' '}
          <button type="button" className="link-button" onClick={() => showDialog(context, { kind: 'person', nodeId: contact.node_id })}>
            Compare it
          </button>
        </p>
      )}
    </>
  );
}
