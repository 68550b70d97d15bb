import { type Rate, TokenBuckets } from '../util/bounded.ts';
import { inTurn } from './in-turn.ts';

/** Hops that mean "withdrawn" (WIRE "ROUTING"). */
export const UNREACHABLE = 33;

/** What a neighbour says of a node: hops from that neighbour, and how well it goes. */
export interface Claim {
  readonly hops: number;
  readonly latencyMs: number;
  readonly reliability: number;
}

export interface RouteEntry extends Claim {
  readonly nodeId: string;
}

/** A next hop for a destination, seen from here. */
export interface Candidate extends Claim {
  readonly neighbour: string;
}

interface Neighbour {
  latencyMs: number;
  /** Smoothed share of our messages through it that were receipted (WIRE: "counts RECEIPTs, not ACKs"). */
  reliability: number;
  /** Smoothed share of copies that it acknowledged in time. */
  responsive: number;
  readonly claims: Map<string, Claim>;
}

/** What we tell others of a destination, and since when we may not believe longer ways to it. */
interface Announced {
  hops: number;
  via: string;
  /** The fewest hops announced since it was last lost: a neighbour that claims fewer cannot be behind us. */
  feasible: number;
  heldUntil: number;
}

/**
 * Distance-vector routes, all candidates kept and ranked (S2 ROUTING, S4 "paths are ranked"). Split horizon with poison reverse; and a
 * longer way to a node that was lost is believed only after `holdMs`, by when withdrawals have overtaken old claims: without this
 * neighbours count to infinity upon each other's echoes. Pure: time is a parameter, in monotonic milliseconds.
 */
export class RoutingTable {
  readonly #self: string;
  readonly #maxClaims: number;
  readonly #holdMs: number;
  readonly #horizon: number;
  readonly #neighbours = new Map<string, Neighbour>();
  /** Destination to the neighbours that claim to reach it. */
  readonly #claimants = new Map<string, Set<string>>();
  readonly #announced = new Map<string, Announced>();
  /** Destinations whose announcement has changed, and the neighbour by which they go, or went last. */
  readonly #dirty = new Map<string, string>();
  /** What each neighbour may still change, over all of its links: one that comes back begins with no more. */
  readonly #churn = new TokenBuckets(10_000);
  readonly #churnLimits: Rate;

  /** `horizon`: neighbours are told of what is at most so many hops away. */
  constructor(self: string, options: { maxClaims: number; holdMs: number; horizon?: number; churn: Rate }) {
    this.#self = self;
    this.#horizon = options.horizon ?? UNREACHABLE - 1;
    this.#churnLimits = options.churn;
    this.#maxClaims = options.maxClaims;
    this.#holdMs = options.holdMs;
  }

  /** Destinations with at least one candidate. */
  get size(): number {
    return this.#announced.size;
  }

  neighbourUp(nodeId: string, options: { latencyMs: number }, now: number): void {
    const known = this.#neighbours.get(nodeId);
    // A link that takes the place of another: what was claimed stands until the first ROUTING on the new one, which is a full one.
    if (known) Object.assign(known, options);
    else this.#neighbours.set(nodeId, { ...options, reliability: 1, responsive: 1, claims: new Map() });
    this.#touch(nodeId, now);
  }

  neighbourDown(nodeId: string, now: number): void {
    const neighbour = this.#neighbours.get(nodeId);
    if (!neighbour) return;
    this.#neighbours.delete(nodeId);
    for (const destination of neighbour.claims.keys()) {
      this.#unclaim(destination, nodeId);
      this.#touch(destination, now);
    }
    this.#touch(nodeId, now);
  }

  measured(nodeId: string, latencyMs: number): void {
    const neighbour = this.#neighbours.get(nodeId);
    if (neighbour) neighbour.latencyMs = latencyMs;
  }

  /** One own message through this neighbour was receipted in time, or was not. Acknowledging and dropping shows here. */
  receipted(nodeId: string, inTime: boolean): void {
    const neighbour = this.#neighbours.get(nodeId);
    if (neighbour) neighbour.reliability += ((inTime ? 1 : 0) - neighbour.reliability) / 8;
  }

  /** One copy to this neighbour was acknowledged in time, or was not. */
  answered(nodeId: string, inTime: boolean): void {
    const neighbour = this.#neighbours.get(nodeId);
    if (neighbour) neighbour.responsive += ((inTime ? 1 : 0) - neighbour.responsive) / 8;
  }

  /** Lets bad marks fade, so that whoever had them is tried again some day. Called every now and then. */
  forgive(): void {
    for (const neighbour of this.#neighbours.values()) {
      neighbour.reliability += (1 - neighbour.reliability) / 32;
      neighbour.responsive += (1 - neighbour.responsive) / 32;
    }
  }

  reliabilityOf(nodeId: string): number {
    const neighbour = this.#neighbours.get(nodeId);
    return neighbour ? neighbour.reliability * neighbour.responsive : 1;
  }

  /**
   * Takes a ROUTING of a neighbour. Returns how many entries were left out: over its bound, or because too many of its changes came of late.
   * Withdrawals are always taken.
   */
  update(nodeId: string, entries: readonly RouteEntry[], full: boolean, now: number): { tooMany: number; churn: number } {
    const left = { tooMany: 0, churn: 0 };
    const neighbour = this.#neighbours.get(nodeId);
    if (!neighbour) return left;
    const churn = this.#churn.of(nodeId, this.#churnLimits, now);
    if (full) this.#withdraw(nodeId, neighbour, new Set(entries.map((entry) => entry.nodeId)), now);
    for (const entry of entries) {
      if (entry.nodeId === this.#self || entry.nodeId === nodeId) continue;
      if (entry.hops >= UNREACHABLE - 1) {
        if (neighbour.claims.delete(entry.nodeId)) this.#unclaim(entry.nodeId, nodeId);
      } else {
        const known = neighbour.claims.get(entry.nodeId);
        if (!known && neighbour.claims.size >= this.#maxClaims) {
          left.tooMany++;
          continue;
        }
        if (known?.hops !== entry.hops && !churn.take(now)) {
          left.churn++;
          continue;
        }
        neighbour.claims.set(entry.nodeId, { hops: entry.hops, latencyMs: entry.latencyMs, reliability: entry.reliability });
        this.#claim(entry.nodeId, nodeId);
      }
      this.#touch(entry.nodeId, now);
    }
    return left;
  }

  isNeighbour(nodeId: string): boolean {
    return this.#neighbours.has(nodeId);
  }

  /** Whether a route is known now. */
  reaches(nodeId: string): boolean {
    return this.#neighbours.has(nodeId) || (this.#claimants.get(nodeId)?.size ?? 0) > 0;
  }

  /** Hops to a destination by the way that we announce; undefined when there is none. */
  hopsTo(destination: string): number | undefined {
    const hops = this.#announced.get(destination)?.hops ?? UNREACHABLE;
    return hops < UNREACHABLE ? hops : undefined;
  }

  /** The link to a neighbour, as a way. */
  direct(nodeId: string): Candidate | undefined {
    const link = this.#neighbours.get(nodeId);
    return link && { neighbour: nodeId, hops: 1, latencyMs: link.latencyMs, reliability: link.reliability * link.responsive };
  }

  /** Every next hop for a destination, best first. */
  candidates(destination: string): Candidate[] {
    const all: Candidate[] = [];
    const direct = this.direct(destination);
    if (direct) all.push(direct);
    for (const id of this.#claimants.get(destination) ?? []) {
      const candidate = this.#through(id, destination);
      if (candidate) all.push(candidate);
    }
    return all.length > 1 ? all.sort((a, b) => cost(a) - cost(b) || (a.neighbour < b.neighbour ? -1 : 1)) : all;
  }

  /** All destinations with a route. */
  destinations(): string[] {
    return [...this.#announced.keys()];
  }

  /** Destinations whose announcement changed and was not asked for since: so many at most, those of each next hop in turn. */
  takeChanges(most?: number): string[] {
    const changed = inTurn(this.#dirty.keys(), (destination) => this.#dirty.get(destination) ?? '', most);
    for (const destination of changed) this.#dirty.delete(destination);
    return changed;
  }

  /** Whether there are more of them. */
  get isChanged(): boolean {
    return this.#dirty.size > 0;
  }

  /** Lets go of what was held for long enough. Returns whether anything changed. */
  release(now: number): boolean {
    const before = this.#dirty.size;
    for (const [destination, state] of this.#announced)
      if (state.hops >= UNREACHABLE && state.heldUntil <= now) this.#touch(destination, now);
    return this.#dirty.size > before;
  }

  /** The neighbour by which goes what we announce of a destination. */
  nextHopTo(destination: string): string | undefined {
    return this.#announced.get(destination)?.via;
  }

  /** What to tell a neighbour of a destination: 33 for what we reach through it (poison reverse) or not at all. */
  entryFor(neighbour: string, destination: string): RouteEntry {
    const state = this.#announced.get(destination);
    const withdrawn = { nodeId: destination, hops: UNREACHABLE, latencyMs: 0, reliability: 0 };
    if (!state || state.hops >= UNREACHABLE || state.hops > this.#horizon || state.via === neighbour) return withdrawn;
    const route = state.via === destination ? this.candidates(destination)[0] : this.#through(state.via, destination);
    return route ? { nodeId: destination, hops: state.hops, latencyMs: route.latencyMs, reliability: route.reliability } : withdrawn;
  }

  /** Of what we would tell a neighbour, and by which neighbour it goes: own neighbours first, then nearest first. */
  table(): { readonly nodeId: string; readonly via: string }[] {
    const byHops: { nodeId: string; via: string }[][] = [];
    for (const [nodeId, { via, hops }] of this.#announced) {
      if (hops >= UNREACHABLE || hops > this.#horizon) continue;
      byHops[hops] ??= [];
      byHops[hops].push({ nodeId, via });
    }
    return byHops.flat();
  }

  #through(id: string, destination: string): Candidate | undefined {
    const neighbour = this.#neighbours.get(id);
    const claim = neighbour?.claims.get(destination);
    if (!neighbour || !claim) return undefined;
    return {
      neighbour: id,
      hops: claim.hops + 1,
      latencyMs: neighbour.latencyMs + claim.latencyMs,
      reliability: neighbour.reliability * neighbour.responsive * claim.reliability,
    };
  }

  /** What a full table does not name is claimed no more; first, so that there is room for what it does. */
  #withdraw(nodeId: string, neighbour: Neighbour, named: ReadonlySet<string>, now: number): void {
    for (const destination of neighbour.claims.keys()) {
      if (named.has(destination)) continue;
      neighbour.claims.delete(destination);
      this.#unclaim(destination, nodeId);
      this.#touch(destination, now);
    }
  }

  #claim(destination: string, neighbour: string): void {
    let set = this.#claimants.get(destination);
    if (!set) {
      set = new Set();
      this.#claimants.set(destination, set);
    }
    set.add(neighbour);
  }

  #unclaim(destination: string, neighbour: string): void {
    const set = this.#claimants.get(destination);
    set?.delete(neighbour);
    if (set?.size === 0) this.#claimants.delete(destination);
  }

  /** Works out anew what to announce of a destination. */
  #touch(destination: string, now: number): void {
    if (destination === this.#self) return;
    const candidates = this.candidates(destination);
    const state = this.#announced.get(destination);
    if (candidates.length === 0) {
      if (state) {
        this.#announced.delete(destination);
        this.#dirty.set(destination, state.via);
      }
      return;
    }
    if (!state) {
      this.#announce(destination, candidates[0] as Candidate, Number.POSITIVE_INFINITY);
      return;
    }
    if (state.hops >= UNREACHABLE && now < state.heldUntil) {
      // Only a way that cannot lead back through us ends the hold early.
      const sure = candidates.find((candidate) => candidate.hops === 1 || candidate.hops - 1 < state.feasible);
      if (sure) this.#announce(destination, sure, state.feasible);
      return;
    }
    const released = state.hops >= UNREACHABLE;
    const best = released ? candidates[0] : candidates.find((candidate) => candidate.hops === 1 || candidate.hops - 1 < state.feasible);
    if (best) this.#announce(destination, best, released ? Number.POSITIVE_INFINITY : state.feasible);
    else {
      this.#dirty.set(destination, state.via);
      state.hops = UNREACHABLE;
      state.via = '';
      state.heldUntil = now + this.#holdMs;
    }
  }

  #announce(destination: string, best: Candidate, feasible: number): void {
    const state = this.#announced.get(destination);
    if (state?.hops !== best.hops || state.via !== best.neighbour) this.#dirty.set(destination, best.neighbour);
    this.#announced.set(destination, {
      hops: best.hops,
      via: best.neighbour,
      feasible: Math.min(feasible, best.hops),
      heldUntil: 0,
    });
  }
}

/** Hops, latency and reliability in one figure: 100 ms weigh as much as a hop, and a next hop that loses all as much as eight. */
export function cost(claim: Claim): number {
  return claim.hops + claim.latencyMs / 100 + 8 * (1 - claim.reliability);
}
