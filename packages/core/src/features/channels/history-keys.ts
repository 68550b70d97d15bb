import { ParleyError } from '../../util/errors.ts';
import type { ChannelMessage } from './message.ts';

export const HISTORY = 'history';
/** What messages did to others, by those. */
export const ACTS = 'history_acts';
/** Where the message with a number is. */
export const BY_SEQ = 'history_by_seq';

export const SEQS = 'history_seqs';
/** Where an own message stands, by its id: whoever sends it again is told of it. */
export const OWN = 'own_messages';
/** Messages by their deadline: `DEADLINE/CURSOR`. */
export const EXPIRIES = 'expiries';
/** What stands by number in the place of a message that is no more: it is not missing. */
export const NO_MORE = '- 0';

export const digits = (value: number, length: number): string => String(Math.max(0, value)).padStart(length, '0');

/** Order within a channel: by time, then sender and number. */
export function cursorOf({ channelId, timestamp, sender, seq }: ChannelMessage): string {
  return `${channelId}/${digits(timestamp, 14)}/${sender}/${digits(seq, 16)}`;
}

export const actsOn = (channelId: string, sender: string, seq: number): string => `${channelId}/${sender}/${digits(seq, 16)}/`;

/** What authors do to their own messages is kept first: not so much of what others do is looked at that it could be pushed out. */
const BY_AUTHOR = '!';
/** Deletions stand before all else, by whose they are; after them begins what is looked at in part. Those that were kept before this was so stand among the rest. */
export const DELETIONS = '!!';
export const REST = '!"';

export function keyOf(message: ChannelMessage): string {
  const cursor = cursorOf(message);
  const { act, channelId, sender, timestamp, seq } = message;
  if (!act) return cursor;
  if (act.kind === 'delete')
    return `${actsOn(channelId, act.sender, act.seq)}${DELETIONS}${sender}/${digits(timestamp, 14)}/${digits(seq, 16)}`;
  return `${actsOn(channelId, act.sender, act.seq)}${sender === act.sender ? BY_AUTHOR : ''}${cursor.slice(channelId.length + 1)}`;
}

/** Where a key is from: of an act it goes on with a node id, of others with a time. */
export const tableOf = (key: string): string => (/^[^/]*\/\d{14}\//.test(key) ? HISTORY : ACTS);

/** The time in a key. */
export function timeIn(key: string): number {
  const parts = key.split('/');
  if (tableOf(key) === HISTORY) return Number(parts[1]);
  return Number(parts[3]?.startsWith(DELETIONS) ? parts[4] : parts[3]?.replace(BY_AUTHOR, ''));
}

export const seqKey = (channelId: string, sender: string, seq: number): string => `${channelId}/${sender}/${digits(seq, 16)}`;

/** Throws `bad-argument` for what is no place in a channel. */
export function checkCursor(channelId: string, cursor: string): void {
  if (!cursor.startsWith(`${channelId}/`)) throw new ParleyError('bad-argument', 'this is no cursor of the channel');
}

export const rangeOf = (channelId: string, sender: string, from: number, to: number) => ({
  gte: seqKey(channelId, sender, from),
  lte: seqKey(channelId, sender, to),
});
