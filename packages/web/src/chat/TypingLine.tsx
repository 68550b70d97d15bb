import type { Person } from '@parley/core';
import type { ReactNode } from 'react';
import { useSelect } from '../app/hooks.ts';
import { calledOf } from '../state/contacts.ts';
import { typingWords } from '../state/presence.ts';
import { inert } from './plain.ts';

const NOBODY: readonly Person[] = [];

/** Who is writing here. Its room is kept, so that nothing moves when it comes and goes. */
export function TypingLine({ channelId }: { channelId: string }): ReactNode {
  const people = useSelect(({ typing }) => typing[channelId] ?? NOBODY);
  const contacts = useSelect((state) => state.contacts);
  const names = people.map((person) => {
    const contact = contacts?.find(({ node_id }) => node_id === person.node_id);
    return inert(contact ? calledOf(contact) : person.display);
  });
  return (
    <div className="typing-line quiet" role="status" aria-live="polite">
      <bdi>{typingWords(names)}</bdi>
    </div>
  );
}
