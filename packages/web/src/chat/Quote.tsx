import type { MessageView } from '@parley/core';
import { CornerUpLeft } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { Name, usePerson } from '../people/Name.tsx';
import { jumpTo } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { findMessage } from '../state/conversation.ts';
import { excerpt } from './excerpt.ts';
import { textPieces } from './textPieces.tsx';

/** What a message answers, above it; a way there. */
export function Quote({ channelId, msgId }: { channelId: string; msgId: string }): ReactNode {
  const context = useApp();
  const loaded = useSelect(({ timelines }) => timelines[channelId]?.messages.find(({ msg_id }) => msg_id === msgId));
  const [fetched, setFetched] = useState<MessageView | 'missing'>();
  useEffect(() => {
    if (loaded) return;
    let current = true;
    void attempt(context, async () => {
      const found = await findMessage(context, channelId, msgId);
      if (current) setFetched(found ?? 'missing');
    });
    return () => {
      current = false;
    };
  }, [context, channelId, msgId, loaded]);
  const message = loaded ?? fetched;
  if (message === undefined) return <div className="quote quote-missing">…</div>;
  if (message === 'missing') {
    return (
      <div className="quote quote-missing">
        <CornerUpLeft aria-hidden="true" /> An answer to a message that is not here
      </div>
    );
  }
  return <QuoteOf message={message} onPress={() => void jumpTo(context, message)} />;
}

function QuoteOf({ message, onPress }: { message: MessageView; onPress: () => void }): ReactNode {
  const person = usePerson(message.sender);
  return (
    <button type="button" className="quote" onClick={onPress}>
      <CornerUpLeft aria-hidden="true" />
      <span className="sr-only">An answer to </span>
      <Name person={person} coloured />
      <span className="quote-text" dir="auto">
        {textPieces(excerpt(message.text))}
      </span>
    </button>
  );
}
