import type { MessageView } from '@parley/core';
import type { ReactNode } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { react } from '../state/acts.ts';
import { mayActOn } from '../state/rights.ts';
import { inert } from './plain.ts';

const MOST_NAMES = 12;

/** Who reacted how; pressing one adds to it, or takes the own one back. */
export function Reactions({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  const may = useSelect(({ channels }) =>
    mayActOn(
      channels?.find(({ id }) => id === message.channel_id),
      message,
    ),
  );
  return (
    <ul className="reactions" aria-label="Reactions">
      {message.reactions?.map(({ emoji, by, own }) => {
        const names = by.slice(0, MOST_NAMES).map(({ name, display }) => inert(name ?? display));
        const who = by.length > MOST_NAMES ? `${names.join(', ')} and ${by.length - MOST_NAMES} more` : names.join(', ');
        return (
          <li key={emoji}>
            <button
              type="button"
              className="reaction"
              aria-pressed={own}
              disabled={!may}
              title={who}
              aria-label={`${inert(emoji)}, ${by.length}: ${who}`}
              onClick={() => void react(context, message, emoji)}
            >
              <span aria-hidden="true">{inert(emoji)}</span> {by.length}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
