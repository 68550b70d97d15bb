import type { StoreWrite } from '../../ports/store.ts';
import type { StoredMessage } from './history-row.ts';
import type { Holding } from './holdings.ts';
import type { ChannelMessage } from './message.ts';
import type { InlineContent } from './verbs.ts';

/** The place of an own message in its channel. */
export interface Slot {
  readonly seq: number;
  /** The number behind which some were left free. */
  readonly after?: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  /** What keeps the message. */
  writes(message: ChannelMessage, signed: string, contents: readonly InlineContent[]): StoreWrite[];
  /** It is on disk, and shown. */
  kept(message: ChannelMessage): StoredMessage;
  /** It could not be kept: its number is free again. */
  failed(): void;
}

/** A message whose commit is under way. */
export interface Storing {
  readonly msgId: string;
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

export function begin(msgId: string): Storing {
  let settle: () => void = () => {};
  const settled = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { msgId, settled, settle };
}

/** The number of a message that its sender deleted before it came here: it is not missing, and nobody is asked for it. */
export function goneBy({ act, sender, seq }: ChannelMessage, { taken }: Holding): number | undefined {
  if (act?.kind !== 'delete' || act.sender !== sender || act.seq >= seq) return undefined;
  return taken.has(act.seq) || !taken.fits(act.seq) ? undefined : act.seq;
}
