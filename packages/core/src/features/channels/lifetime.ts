import type { ChannelMessage } from './message.ts';

/** Four weeks, in seconds. */
export const MAX_LIFETIME_S = 28 * 24 * 60 * 60;
export const MIN_LIFETIME_S = 60;

/** How long messages of a conversation last that are written from some time on. */
export interface MessageTimer {
  /** 0: they stay. */
  readonly seconds: number;
  /** Node id of whoever set it. */
  readonly by: string;
  /** Milliseconds since 1970, by their clock. */
  readonly at: number;
}

/**
 * When a message goes, in milliseconds since 1970; undefined where it stays. Counted from when its author wrote it, the same at everybody's; an author
 * whose clock is ahead cannot make it stay for longer than since it came.
 */
export function deadlineOf({ lifetime, timestamp }: Pick<ChannelMessage, 'lifetime' | 'timestamp'>, received: number): number | undefined {
  return lifetime === undefined ? undefined : Math.min(timestamp, received) + lifetime * 1000;
}

/** What is done to a message goes with it: its lifetime in seconds, or undefined where the message stays. */
export function remaining(message: ChannelMessage & { readonly received: number }, now: number): number | undefined {
  const deadline = deadlineOf(message, message.received);
  return deadline === undefined ? undefined : Math.max(1, Math.ceil((deadline - now) / 1000));
}
