import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import type { ChannelMessage } from './message.ts';

/** What a message can do to an earlier one of its channel, in place of saying something new. */
export const ACT_KINDS = ['edit', 'delete', 'react', 'unreact', 'pin', 'unpin'] as const;
export type ActKind = (typeof ACT_KINDS)[number];

/** `sender`, `seq` and `msgId` are those of the message that it is about. Kinds of later versions are kept, and change nothing. */
export interface Act {
  readonly kind: string;
  readonly msgId: string;
  /** Node id. */
  readonly sender: string;
  readonly seq: number;
}

/** A message that acts on another. */
export type Acting = ChannelMessage & { readonly act: Act };

/** One emoji, and who reacted with it. */
export interface Reaction {
  readonly emoji: string;
  /** Node ids, in the order in which they did. */
  readonly by: readonly string[];
}

/** What became of a message since it was sent. Times are in milliseconds since 1970. */
export interface Standing {
  /** What it says now. */
  readonly edited?: { readonly text: string; readonly at: number };
  /** It is not to be seen any more. */
  readonly deleted?: { readonly by: string; readonly at: number };
  readonly reactions?: readonly Reaction[];
  readonly pinned?: { readonly by: string; readonly at: number };
}

/** Different emoji on one message, and of these by one member: so that nobody leaves none to the others. */
const MAX_REACTIONS = 32;
export const MAX_REACTIONS_EACH = 8;
const MAX_EMOJI_BYTES = 64;

/** An edit has a text, a reaction its emoji; the others have nothing to say. */
export const saysNothing = (kind: string): boolean => kind === 'delete' || kind === 'pin' || kind === 'unpin';

/** Throws `bad-argument` for what is not a single emoji or a few letters in its place. */
export function checkEmoji(text: string): void {
  // Joiners and tags are parts of emoji, though they are controls.
  const visible = text.replace(/[\u200d\u{e0020}-\u{e007f}]/gu, '');
  if (visible.length === 0 || utf8(text).length > MAX_EMOJI_BYTES || /[\s\p{C}]/u.test(visible))
    throw new ParleyError('bad-argument', 'a reaction is an emoji');
}

/** In the order of the clocks of those who sent them, and of their numbers. */
function inOrder(a: ChannelMessage, b: ChannelMessage): number {
  return a.timestamp - b.timestamp || (a.sender < b.sender ? -1 : a.sender > b.sender ? 1 : a.seq - b.seq);
}

/**
 * What became of a message, by all that was done to it, in order. Who `writes` as its author edits it; they, or who `moderates`, deletes it; `pins`
 * says who may pin. Undefined where nothing did. Pure.
 */
export function standingOf(
  acts: readonly Acting[],
  may: { readonly writes: (act: Acting) => boolean; readonly moderates: (act: Acting) => boolean; readonly pins: (act: Acting) => boolean },
): Standing | undefined {
  let edited: Standing['edited'];
  let deleted: Standing['deleted'];
  let pinned: Standing['pinned'];
  const reactions = new Map<string, Set<string>>();
  for (const message of [...acts].sort(inOrder)) {
    const { act, sender, text, timestamp: at } = message;
    if (act.kind === 'edit' && may.writes(message)) edited = { text, at };
    else if (act.kind === 'delete' && (may.writes(message) || may.moderates(message))) deleted ??= { by: sender, at };
    else if (act.kind === 'pin' && may.pins(message)) pinned = { by: sender, at };
    else if (act.kind === 'unpin' && may.pins(message)) pinned = undefined;
    else if (act.kind === 'react') {
      const own = [...reactions.values()].filter((by) => by.has(sender)).length;
      if (own >= MAX_REACTIONS_EACH || (!reactions.has(text) && reactions.size >= MAX_REACTIONS)) continue;
      reactions.set(text, (reactions.get(text) ?? new Set()).add(sender));
    } else if (act.kind === 'unreact') {
      const by = reactions.get(text);
      by?.delete(sender);
      if (by?.size === 0) reactions.delete(text);
    }
  }
  if (deleted) return { deleted };
  const standing: Standing = {
    ...(edited ? { edited } : {}),
    ...(reactions.size > 0 ? { reactions: [...reactions].map(([emoji, by]) => ({ emoji, by: [...by] })) } : {}),
    ...(pinned ? { pinned } : {}),
  };
  return Object.keys(standing).length > 0 ? standing : undefined;
}
