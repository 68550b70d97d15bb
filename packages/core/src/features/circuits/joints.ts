import type { Link, Links } from '../../link/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Random } from '../../ports/random.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Tally } from '../../util/tally.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { HopAnswer } from './handshake.ts';
import { CELL, CELL_BYTES, CIRCUIT_CLOSE, CIRCUIT_OPEN, CIRCUIT_OPENED } from './verbs.ts';

/** What a circuit does with what comes over one of its links. */
export interface JointOwner {
  opened(key: string, sig: string): void;
  cell(bytes: Uint8Array): void;
  /** By the neighbour, or because the link is gone (`linkEnded`). */
  closed(reason: string, linkEnded: boolean): void;
}

/** Where a circuit goes over a link: the number by which both sides know it there. */
export interface Joint {
  readonly neighbour: string;
  readonly number: number;
}

export interface JointDeps {
  readonly self: string;
  readonly links: Links;
  readonly overlay: Pick<Overlay, 'handle'>;
  readonly random: Random;
  readonly metrics: Metrics;
  /** A neighbour wants us to be a hop. */
  readonly asked: (link: Link, data: DataOf<typeof CIRCUIT_OPEN>) => void;
  /** Above so many queued bytes nothing is sent. */
  readonly maxQueuedBytes: number;
}

const keyOf = (neighbour: string, number: number): string => `${neighbour} ${number}`;

/** All circuits on all links, those of this node and those of which it is a hop. */
export class Joints {
  readonly #deps: JointDeps;
  readonly #owners = new Map<string, { readonly owner: JointOwner; readonly begun: boolean }>();
  readonly #perLink = new Map<string, Set<number>>();
  /** Circuits that were begun from here, by neighbour. */
  readonly #begun = new Tally();

  constructor(deps: JointDeps) {
    this.#deps = deps;
    const { overlay } = deps;
    overlay.handle(CIRCUIT_OPEN, ({ data, from }) => this.#taken(() => deps.asked(from, data)));
    overlay.handle(CIRCUIT_OPENED, (arrival) => this.#to(arrival, (owner) => owner.opened(arrival.data.key, arrival.data.sig)));
    overlay.handle(CELL, (arrival) => this.#onCell(arrival));
    overlay.handle(CIRCUIT_CLOSE, (arrival) =>
      this.#to(arrival, (owner) => {
        this.#forget({ neighbour: arrival.origin, number: arrival.data.circuit });
        owner.closed(arrival.data.reason ?? 'closed', false);
      }),
    );
  }

  /** Circuits that go on from here, or begin here, over the link with a neighbour. */
  begunTo(neighbour: string): number {
    return this.#begun.of(neighbour);
  }

  /** Begins a circuit towards a neighbour. */
  open(neighbour: string, { key, depth }: { readonly key: string; readonly depth: number }, owner: JointOwner): Joint {
    const number = Math.floor(this.#deps.random.number() * Number.MAX_SAFE_INTEGER);
    const joint = { neighbour, number };
    this.#add(joint, owner, true);
    this.#begun.add(neighbour);
    this.#say(joint, CIRCUIT_OPEN, { key, depth });
    return joint;
  }

  /** Takes part in a circuit that a neighbour has begun. Undefined where the number is taken. */
  accept(neighbour: string, number: number, owner: JointOwner): Joint | undefined {
    if (this.#owners.has(keyOf(neighbour, number))) return undefined;
    const joint = { neighbour, number };
    this.#add(joint, owner, false);
    return joint;
  }

  opened(joint: Joint, { key, sig }: HopAnswer): void {
    this.#say(joint, CIRCUIT_OPENED, { key, sig });
  }

  /** False when the link is gone or cannot take it: the circuit cannot go on, since what is lost is never said again. */
  cell(joint: Joint, bytes: Uint8Array): boolean {
    const link = this.#deps.links.get(joint.neighbour);
    if (!link || link.connection.queued > this.#deps.maxQueuedBytes) return false;
    return this.#say(joint, CELL, { cell: base64(bytes) });
  }

  isLinked(neighbour: string): boolean {
    return this.#deps.links.get(neighbour) !== undefined;
  }

  /** Bytes that wait for their turn at its link. */
  queued({ neighbour }: Joint): number {
    return this.#deps.links.get(neighbour)?.connection.queued ?? 0;
  }

  /** Ends a circuit on this link, and says so. */
  close(joint: Joint, reason: string): void {
    if (!this.#forget(joint)) return;
    this.#say(joint, CIRCUIT_CLOSE, { reason });
  }

  /** Without having taken part. */
  refuse(neighbour: string, number: number, reason: string): void {
    this.#say({ neighbour, number }, CIRCUIT_CLOSE, { reason });
  }

  /** A link ended: cells that were on it are lost. */
  down(neighbour: string): void {
    for (const number of [...(this.#perLink.get(neighbour) ?? [])]) {
      const place = this.#owners.get(keyOf(neighbour, number));
      this.#forget({ neighbour, number });
      place?.owner.closed('a link of it ended', true);
    }
  }

  #onCell(arrival: Arrival<DataOf<typeof CELL>>): Verdict {
    const bytes = fromBase64(arrival.data.cell);
    if (bytes?.length !== CELL_BYTES) return { verdict: 'drop', reason: 'circuit-cell' };
    return this.#to(arrival, (owner) => owner.cell(bytes));
  }

  #to({ origin, data }: Arrival<{ readonly circuit: number }>, tell: (owner: JointOwner) => void): Verdict {
    const place = this.#owners.get(keyOf(origin, data.circuit));
    // It may have been under way when the circuit ended.
    if (!place) return { verdict: 'drop', reason: 'circuit-unknown' };
    return this.#taken(() => tell(place.owner));
  }

  #taken(task: () => void): Verdict {
    task();
    return ACCEPT;
  }

  #say(joint: Joint, verb: typeof CIRCUIT_OPEN | typeof CIRCUIT_OPENED | typeof CELL | typeof CIRCUIT_CLOSE, data: object): boolean {
    const { links, self, metrics } = this.#deps;
    metrics.count('sent', verb.name);
    return links.get(joint.neighbour)?.say(verb, { node_id: self, circuit: joint.number, ...data }) ?? false;
  }

  #add({ neighbour, number }: Joint, owner: JointOwner, begun: boolean): void {
    this.#owners.set(keyOf(neighbour, number), { owner, begun });
    const numbers = this.#perLink.get(neighbour) ?? new Set();
    numbers.add(number);
    this.#perLink.set(neighbour, numbers);
  }

  #forget({ neighbour, number }: Joint): boolean {
    const numbers = this.#perLink.get(neighbour);
    numbers?.delete(number);
    if (numbers?.size === 0) this.#perLink.delete(neighbour);
    const key = keyOf(neighbour, number);
    if (this.#owners.get(key)?.begun) this.#begun.add(neighbour, -1);
    return this.#owners.delete(key);
  }
}
