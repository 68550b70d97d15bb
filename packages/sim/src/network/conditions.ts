/** What a way from one host to another is like. Each direction has its own. */
export interface Conditions {
  /** One way. */
  readonly latencyMs: number;
  /** Up to so much more, uniformly, for each frame. */
  readonly jitterMs: number;
  /** Of each connection. `Infinity`: no limit. */
  readonly bytesPerSecond: number;
  /**
   * Probability that a packet is lost. A stream shows it as delay, as TCP does: the frame is sent again after a time-out
   * that doubles, and what follows waits behind it. Datagrams are gone.
   */
  readonly loss: number;
  /** Probability that a whole frame of a stream vanishes and nobody notices: harsher than any real link. */
  readonly drop: number;
  /** Probability that a datagram is held back long enough to be overtaken. */
  readonly reorder: number;
  /** Probability that a datagram comes twice. */
  readonly duplicate: number;
  /** Nothing gets through. */
  readonly blocked: boolean;
}

export const DEFAULT_CONDITIONS: Conditions = {
  latencyMs: 20,
  jitterMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  loss: 0,
  drop: 0,
  reorder: 0,
  duplicate: 0,
  blocked: false,
};

const LOOPBACK: Conditions = { ...DEFAULT_CONDITIONS, latencyMs: 0.05 };

/** The conditions between all pairs of hosts: a default, what differs from it, and partitions. */
export class ConditionTable {
  #general: Conditions;
  readonly #special = new Map<string, Map<string, Partial<Conditions>>>();
  readonly #dark = new Set<string>();
  readonly #lanOf = new Map<string, ReadonlySet<string>>();
  #groupOf: Map<string, number> | undefined;
  #version = 0;

  constructor(general: Partial<Conditions>) {
    this.#general = { ...DEFAULT_CONDITIONS, ...general };
  }

  /** Grows with every change, so that others can keep what they looked up. */
  get version(): number {
    return this.#version;
  }

  set(change: Partial<Conditions>): void {
    this.#general = { ...this.#general, ...change };
    this.#version++;
  }

  setOneWay(from: string, to: string, change: Partial<Conditions>): void {
    let row = this.#special.get(from);
    if (row === undefined) {
      row = new Map();
      this.#special.set(from, row);
    }
    row.set(to, { ...row.get(to), ...change });
    this.#version++;
  }

  clearPair(a: string, b: string): void {
    this.#special.get(a)?.delete(b);
    this.#special.get(b)?.delete(a);
    this.#version++;
  }

  /** Hosts that no group names are a group together. */
  partition(groups: readonly (readonly string[])[]): void {
    this.#groupOf = new Map();
    for (const [index, group] of groups.entries()) for (const host of group) this.#groupOf.set(host, index);
    this.#version++;
  }

  heal(): void {
    this.#groupOf = undefined;
    this.#version++;
  }

  /** These hosts share a local network, and leave those that they were on. */
  setLan(hosts: readonly string[]): void {
    for (const host of hosts) this.#leaveLan(host);
    const lan = new Set(hosts);
    for (const host of hosts) this.#lanOf.set(host, lan);
  }

  /** All hosts on the local network of one, itself among them; none where it is on no network. */
  sameLan(host: string): string[] {
    return [...(this.#lanOf.get(host) ?? [])];
  }

  #leaveLan(host: string): void {
    const others = this.sameLan(host).filter((other) => other !== host);
    this.#lanOf.delete(host);
    const lan = new Set(others);
    for (const other of others) this.#lanOf.set(other, lan);
  }

  /** A host without power answers nothing. */
  setDark(host: string, dark: boolean): void {
    if (dark) this.#dark.add(host);
    else this.#dark.delete(host);
    this.#version++;
  }

  between(from: string, to: string): Conditions {
    const special = this.#special.get(from)?.get(to);
    const base = from === to ? LOOPBACK : this.#general;
    return special === undefined ? base : { ...base, ...special };
  }

  reachable(from: string, to: string): boolean {
    if (this.#dark.has(from) || this.#dark.has(to)) return false;
    if (this.between(from, to).blocked) return false;
    return this.#groupOf === undefined || this.#groupOf.get(from) === this.#groupOf.get(to);
  }
}
