import type { Clock, Timer } from '../../ports/clock.ts';
import type { Emitter } from '../../util/events.ts';
import type { Scope } from '../../util/scope.ts';
import type { ChannelConfig } from './config.ts';
import type { StoredMessage } from './history-row.ts';
import { deadlineOf } from './lifetime.ts';
import { SenderOrder, type Shown } from './sender-order.ts';

export interface ShowingEvents {
  /** A message to show, in order for each sender; `late` when it fills a gap that was shown already. */
  message: { readonly message: StoredMessage; readonly own: boolean; readonly late: boolean };
  /** Numbers of a sender that did not come in time. */
  gap: { readonly channelId: string; readonly sender: string; readonly from: number; readonly to: number };
  /** Numbers of a sender are missing, and what comes behind them waits. */
  missing: { readonly channelId: string; readonly sender: string; readonly from: number; readonly to: number };
}

export interface ShowingDeps {
  readonly clock: Clock;
  readonly scope: Scope;
  readonly events: Pick<Emitter<ShowingEvents>, 'emit'>;
  /** Whether a node is one of this user's devices. */
  readonly isOwn: (nodeId: string) => boolean;
}

/** Messages of one sender in a channel. */
interface Line {
  readonly order: SenderOrder<StoredMessage>;
  wake: Timer | undefined;
  ask: Timer | undefined;
}

/** What is on disk on its way to the user: in the order of each sender's numbers (WIRE "MESSAGE"). */
export class Showing {
  readonly #deps: ShowingDeps;
  readonly #config: ChannelConfig;
  /** By channel and sender. */
  readonly #lines = new Map<string, Map<string, Line>>();

  constructor(deps: ShowingDeps, config: ChannelConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  forget(channelId: string): void {
    for (const line of this.#lines.get(channelId)?.values() ?? []) {
      line.wake?.cancel();
      line.ask?.cancel();
    }
    this.#lines.delete(channelId);
  }

  /** Whether a message would be shown at once if it were on disk already. */
  isNext({ channelId, sender, seq }: Pick<StoredMessage, 'channelId' | 'sender' | 'seq'>, before: number): boolean {
    const line = this.#lines.get(channelId)?.get(sender);
    return line ? line.order.isNext(seq) : before === 0 || before + 1 === seq;
  }

  /** `before`: the last number that was held before this one; what is on disk counts as shown. */
  show(message: StoredMessage, before: number): void {
    const line = this.#line(message, before);
    this.#emit(message, line.order.add(message.seq, message, this.#now(), message.after));
    this.#arm(line, message);
  }

  #line({ channelId, sender, seq }: StoredMessage, before: number): Line {
    const lines = this.#lines.get(channelId) ?? new Map<string, Line>();
    this.#lines.set(channelId, lines);
    let line = lines.get(sender);
    if (!line) {
      const { gapWaitMs: waitMs, gapCapacity: capacity } = this.#config;
      const order = new SenderOrder<StoredMessage>({ waitMs, capacity, next: before === 0 ? seq : before + 1 });
      line = { order, wake: undefined, ask: undefined };
      lines.set(sender, line);
    }
    return line;
  }

  #arm(line: Line, about: Pick<StoredMessage, 'channelId' | 'sender'>): void {
    const { deadline } = line.order;
    if (deadline === undefined) return;
    const { scope, events } = this.#deps;
    const wake = (): void => {
      line.wake = undefined;
      this.#emit(about, line.order.due(this.#now()));
      this.#arm(line, about);
    };
    // At least a millisecond: a sum of fractions may be a little more than the time that has passed.
    line.wake ??= scope.after(Math.max(1, deadline - this.#now()), wake);
    line.ask ??= scope.after(this.#config.gapAskMs, () => {
      line.ask = undefined;
      const { gap } = line.order;
      if (gap) events.emit('missing', { channelId: about.channelId, sender: about.sender, ...gap });
    });
  }

  #emit({ channelId, sender }: Pick<StoredMessage, 'channelId' | 'sender'>, shown: readonly Shown<StoredMessage>[]): void {
    const { events, isOwn, clock } = this.#deps;
    const own = isOwn(sender);
    const now = clock.now();
    for (const [index, next] of shown.entries()) {
      // Where messages go after a while, what is not there is no loss to be told of.
      if ('gap' in next) {
        const after = shown[index + 1];
        if (!(after && 'item' in after && after.item.lifetime !== undefined)) events.emit('gap', { channelId, sender, ...next.gap });
      } else if ((deadlineOf(next.item, next.item.received) ?? now + 1) > now)
        events.emit('message', { message: next.item, own, late: next.late });
    }
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }
}
