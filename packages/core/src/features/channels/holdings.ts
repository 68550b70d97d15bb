import { MAX_RANGES, type SeqRange, SeqSet } from './seq-set.ts';

/** Messages and bytes that are kept of one channel, and of one sender in it. */
export interface HoldingLimits {
  readonly channelMessages: number;
  readonly channelBytes: number;
  readonly senderMessages: number;
  readonly senderBytes: number;
}

/** What is to be forgotten next: the oldest of one sender, until so many messages and so many bytes of them are gone. */
export interface Excess {
  readonly sender: string;
  readonly messages: number;
  readonly bytes: number;
}

/** As it is on disk. */
export interface HoldingRow {
  readonly taken: readonly SeqRange[];
  readonly floor: number;
  readonly messages: number;
  readonly bytes: number;
}

/** What is held of one sender in a channel. Messages are forgotten by number, the lowest first. */
export class Holding {
  /** Numbers on disk, and those that were forgotten since. */
  readonly held: SeqSet;
  /** The same, with those whose commit is under way. */
  readonly taken: SeqSet;
  #floor: number;
  #messages: number;
  #bytes: number;

  constructor(row: HoldingRow = { taken: [], floor: 0, messages: 0, bytes: 0 }) {
    this.held = new SeqSet(row.taken);
    this.taken = new SeqSet(row.taken);
    this.#floor = row.floor;
    this.#messages = row.messages;
    this.#bytes = row.bytes;
  }

  /** Nothing up to this number is kept, or wanted any more. */
  get floor(): number {
    return this.#floor;
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** The lowest number that is there for others; above the highest where all is forgotten. */
  get from(): number {
    return this.held.next(this.#floor + 1) ?? this.held.highest + 1;
  }

  add(messages: number, bytes: number): void {
    this.#messages += messages;
    this.#bytes += bytes;
  }

  forget(upTo: number): void {
    this.#floor = Math.max(this.#floor, upTo);
    for (const set of [this.held, this.taken]) {
      // Which of the forgotten were ever there is worth knowing, but not the room that others need.
      if (set.toJSON().length > MAX_RANGES / 2) set.fill(this.#floor);
    }
  }

  toJSON(): HoldingRow {
    return { taken: this.taken.toJSON(), floor: this.#floor, messages: this.#messages, bytes: this.#bytes };
  }
}

/** Forgets so much more than it must that not every message makes work. */
const slack = (limit: number): number => limit - Math.floor(limit / 64);

/** What is held of a channel, by sender, and what is too much. Pure. */
export class Holdings {
  readonly #senders: Map<string, Holding>;
  #messages = 0;
  #bytes = 0;

  constructor(senders: ReadonlyMap<string, Holding> = new Map()) {
    this.#senders = new Map(senders);
    for (const { messages, bytes } of senders.values()) {
      this.#messages += messages;
      this.#bytes += bytes;
    }
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get senders(): ReadonlyMap<string, Holding> {
    return this.#senders;
  }

  of(sender: string): Holding {
    let holding = this.#senders.get(sender);
    if (!holding) {
      holding = new Holding();
      this.#senders.set(sender, holding);
    }
    return holding;
  }

  /** A message is on its way to disk. */
  take(sender: string, seq: number, bytes: number): Holding {
    const holding = this.of(sender);
    holding.taken.add(seq);
    this.#add(holding, 1, bytes);
    return holding;
  }

  /** One that was taken before its size was known has so many bytes. */
  weigh(sender: string, bytes: number): void {
    this.#add(this.of(sender), 0, bytes);
  }

  /** It could not be kept. */
  untake(sender: string, seq: number, bytes: number): void {
    const holding = this.of(sender);
    holding.taken.delete(seq);
    this.#add(holding, -1, -bytes);
  }

  /** Messages up to a number are being forgotten. */
  forget(sender: string, upTo: number, messages: number, bytes: number): Holding {
    const holding = this.of(sender);
    holding.forget(upTo);
    this.#add(holding, -messages, -bytes);
    return holding;
  }

  /** They could not be deleted: they are still there, and the next to go. */
  restore(sender: string, messages: number, bytes: number): void {
    this.#add(this.of(sender), messages, bytes);
  }

  /** Whether the channel, or this sender in it, takes up more than it may. */
  isOver(sender: string, limits: HoldingLimits): boolean {
    const holding = this.#senders.get(sender);
    return (
      this.#messages > limits.channelMessages ||
      this.#bytes > limits.channelBytes ||
      (holding !== undefined && (holding.messages > limits.senderMessages || holding.bytes > limits.senderBytes))
    );
  }

  /** Whether the channel takes up so much more than it may that what comes has to wait until some of it is deleted. */
  isFull({ channelMessages, channelBytes }: HoldingLimits): boolean {
    return this.#messages > channelMessages + Math.max(1000, channelMessages / 4) || this.#bytes > channelBytes + channelBytes / 4;
  }

  /** What is to go next, down to a little below the limits. Undefined when there is nothing too much. */
  excess(limits: HoldingLimits): Excess | undefined {
    for (const [sender, { messages, bytes }] of this.#senders) {
      if (messages <= limits.senderMessages && bytes <= limits.senderBytes) continue;
      const over = { messages: messages - slack(limits.senderMessages), bytes: bytes - slack(limits.senderBytes) };
      return { sender, messages: Math.max(0, over.messages), bytes: Math.max(0, over.bytes) };
    }
    if (this.#bytes > limits.channelBytes) {
      const heaviest = this.#heaviest((holding) => holding.bytes);
      return heaviest && { sender: heaviest.sender, messages: 0, bytes: part(this.#bytes - slack(limits.channelBytes), heaviest.lead) };
    }
    if (this.#messages > limits.channelMessages) {
      const heaviest = this.#heaviest((holding) => holding.messages);
      return (
        heaviest && { sender: heaviest.sender, messages: part(this.#messages - slack(limits.channelMessages), heaviest.lead), bytes: 0 }
      );
    }
    return undefined;
  }

  #add(holding: Holding, messages: number, bytes: number): void {
    holding.add(messages, bytes);
    this.#messages += messages;
    this.#bytes += bytes;
  }

  /** The sender that takes up most, and by how much more than the next. */
  #heaviest(weigh: (holding: Holding) => number): { readonly sender: string; readonly lead: number } | undefined {
    let first: { sender: string; weight: number } | undefined;
    let second = 0;
    for (const [sender, holding] of this.#senders) {
      const weight = weigh(holding);
      if (!first || weight > first.weight) {
        second = first?.weight ?? 0;
        first = { sender, weight };
      } else second = Math.max(second, weight);
    }
    return first && { sender: first.sender, lead: first.weight - second };
  }
}

/** Of an excess so much as makes the heaviest no longer the heaviest, but not so little that it takes for ever. */
const part = (excess: number, lead: number): number => Math.min(excess, Math.max(1, lead, Math.floor(excess / 4)));
