import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Timer } from '../../ports/clock.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { Scope } from '../../util/scope.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { Channel } from './directory.ts';
import type { Intake } from './intake.ts';
import type { Membership } from './membership.ts';
import type { SealedMessages } from './sealed-messages.ts';
import { OthersTyping, OwnTyping } from './typing-state.ts';
import { TYPING } from './verbs.ts';

export interface TypingDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly overlay: Overlay;
  readonly membership: Membership;
  readonly intake: Intake;
  readonly sealed: SealedMessages;
  /** Whether the user tells others that they are typing, and sees it of them. */
  readonly wanted: () => boolean;
  /** Whether the user wants to have nothing to do with a node. */
  readonly blocked: (nodeId: string) => boolean;
  /** Whose device a node is: node id of the person. */
  readonly personOf: (nodeId: string) => string;
  readonly isOwn: (nodeId: string) => boolean;
}

export interface TypingEvents {
  /** Others are typing in a channel than before: node ids of people. */
  typing: { readonly channelId: string; readonly people: readonly string[] };
}

/**
 * That somebody is typing, told in conversations of two and in small closed channels: sealed, once, and kept by nobody. In public, and where many
 * are together, it would tell too many, and cost too much.
 */
export class Typing {
  readonly events: Emitter<TypingEvents>;
  readonly #deps: TypingDeps;
  readonly #largest: number;
  readonly #scope: Scope;
  readonly #own = new OwnTyping();
  readonly #others: OthersTyping;
  /** What was told of each channel last. */
  readonly #shown = new Map<string, string>();
  #timer: Timer | undefined;

  /** `largest`: members of a channel in which it is told. */
  constructor(deps: TypingDeps, largest: number) {
    const { ports, overlay } = deps;
    this.#deps = deps;
    this.#largest = largest;
    this.#scope = new Scope(ports.clock);
    this.#others = new OthersTyping(largest);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    overlay.sealed.handle(TYPING, (arrival) => this.#onTyping(arrival));
  }

  start(): void {
    this.#scope.add(
      this.#deps.intake.events.on('message', ({ message: { channelId, sender, timestamp } }) => {
        if (sender === this.#deps.self) this.#own.sent(channelId);
        else this.#others.wrote(channelId, sender, timestamp);
        this.#changed(channelId);
      }),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** The user is writing in a channel, or has stopped without sending. Told at most every few seconds, however often this is called. */
  typed(channelId: string, typing: boolean): void {
    const channel = this.#deps.membership.directory.get(channelId);
    if (!channel || !this.#deps.wanted() || !this.#isTold(channel)) return;
    const said = this.#own.next(channelId, typing, this.#now());
    if (said === undefined) return;
    this.#scope.run(this.#tell(channel, said), (error) =>
      this.#deps.ports.log.debug('that the user is typing could not be told', { error: ParleyError.from(error).message }),
    );
  }

  /** Who is typing in a channel: node ids of people. */
  in(channelId: string): string[] {
    const { personOf, isOwn, wanted } = this.#deps;
    if (!wanted()) return [];
    return [...new Set(this.#others.in(channelId).map(personOf))].filter((person) => !isOwn(person));
  }

  /** The user shares more, or less, of what they do than before. */
  sharingChanged(): void {
    if (this.#deps.wanted()) return;
    this.#others.clear();
    for (const channelId of [...this.#shown.keys()]) this.#changed(channelId);
  }

  async #tell(channel: Channel, typing: boolean): Promise<void> {
    const { sealed, membership, overlay, blocked } = this.#deps;
    const sealing = sealed.of(channel);
    const told = membership.directory
      .members(channel)
      .filter(
        (nodeId) => sealing?.confides(channel.id, nodeId) && overlay.reaches(nodeId) && !blocked(nodeId) && nodeId !== this.#deps.self,
      );
    if (told.length > 0) await sealing?.utter(channel.id, told, TYPING, { channel_id: channel.id, typing });
  }

  #onTyping(arrival: Arrival<DataOf<typeof TYPING>>): Verdict {
    const { membership, sealed, wanted, blocked, isOwn } = this.#deps;
    const { data, origin, message } = arrival;
    if (!wanted()) return drop('typing-off');
    const channel = membership.directory.get(data.channel_id);
    if (!channel?.joined || !this.#isTold(channel) || !sealed.admits(channel, arrival)) return drop('typing-channel');
    if (blocked(origin) || isOwn(origin) || !sealed.of(channel)?.mayWrite(channel.id, origin)) return drop('typing-sender');
    const said = parseTimestamp(message.auth?.time ?? '') ?? 0;
    if (!this.#others.heard(channel.id, origin, data.typing, said, this.#now())) return drop('typing-late');
    this.#changed(channel.id);
    this.#arm();
    return ACCEPT;
  }

  #isTold(channel: Channel): boolean {
    return channel.joined && channel.kind !== 'public' && this.#deps.membership.directory.members(channel).length <= this.#largest;
  }

  /** Tells who is typing in a channel where that are others than before. */
  #changed(channelId: string): void {
    const people = this.in(channelId);
    const now = people.join();
    if (now === (this.#shown.get(channelId) ?? '')) return;
    if (people.length > 0) this.#shown.set(channelId, now);
    else this.#shown.delete(channelId);
    this.events.emit('typing', { channelId, people });
  }

  #arm(): void {
    if (this.#timer) return;
    const next = this.#others.expire(this.#now());
    for (const channelId of [...this.#shown.keys()]) this.#changed(channelId);
    if (next === undefined) return;
    this.#timer = this.#scope.after(Math.max(1, next - this.#now()), () => {
      this.#timer = undefined;
      this.#arm();
    });
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });
