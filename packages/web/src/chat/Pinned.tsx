import type { MessageView } from '@parley/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { Name } from '../people/Name.tsx';
import { jumpTo } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { Panel } from '../ui/Panel.tsx';
import { clockTime } from '../ui/time.ts';
import { MessageText } from './MessageText.tsx';

/** What is pinned in a channel, as it stands now. Its own chunk. */
export default function Pinned({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const [pinned, setPinned] = useState<readonly MessageView[]>();
  // Whatever happens to a loaded message may be a pin.
  const messages = useSelect(({ timelines }) => timelines[channelId]?.messages);
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for anew when messages have changed
  useEffect(() => {
    let current = true;
    void attempt(context, async () => {
      const found = await context.parley.node.pinned(channelId);
      if (current) setPinned(found);
    });
    return () => {
      current = false;
    };
  }, [context, channelId, messages]);
  return (
    <Panel title="Pinned" label="Pinned messages" closeLabel="Close pinned messages">
      <div className="panel-body">
        {pinned?.length === 0 && <p className="quiet">Nothing is pinned in this channel.</p>}
        <ol className="pinned-list">
          {pinned?.map((message) => (
            <li key={message.cursor}>
              <div className="message-head">
                <Name person={message.sender} coloured />
                <time dateTime={message.time}>{clockTime(message.time)}</time>
              </div>
              <MessageText text={message.text} />
              <button type="button" className="button-small" onClick={() => void jumpTo(context, message)}>
                Show in the channel
              </button>
            </li>
          ))}
        </ol>
      </div>
    </Panel>
  );
}
