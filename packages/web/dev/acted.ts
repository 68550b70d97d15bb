import type { ActKind, MessageView, Person } from '@parley/core';

/** A message as it stands once something was done to it. */
export function acted(message: MessageView, kind: ActKind, text: string, self: Person): MessageView {
  const done = { by: self, time: new Date().toISOString() };
  const others = (message.reactions ?? []).map((reaction) =>
    reaction.emoji === text ? { ...reaction, by: reaction.by.filter((by) => by !== self), own: false } : reaction,
  );
  if (kind === 'edit') return { ...message, text, edited: done.time };
  if (kind === 'delete') return { ...message, text: '', deleted: done };
  if (kind === 'pin') return { ...message, pinned: done };
  if (kind === 'unreact') return { ...message, reactions: others.filter(({ by }) => by.length > 0) };
  if (kind === 'react') {
    const known = others.find(({ emoji }) => emoji === text) ?? { emoji: text, by: [], own: false };
    return { ...message, reactions: [...others.filter((each) => each !== known), { ...known, by: [...known.by, self], own: true }] };
  }
  const { pinned: _, ...rest } = message;
  return rest;
}
