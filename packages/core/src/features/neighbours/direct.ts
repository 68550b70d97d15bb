import type { Link, Links } from '../../link/index.ts';
import { LruMap } from '../../util/bounded.ts';
import type { Scope } from '../../util/scope.ts';
import { AttemptLog } from './attempts.ts';
import type { NeighbourConfig } from './config.ts';
import type { Dialler } from './dialler.ts';

export interface DirectDeps {
  readonly links: Links;
  readonly dialler: Dialler;
  readonly scope: Scope;
  /** Endpoints in the record of a node; none where no record is held. */
  readonly endpoints: (nodeId: string) => readonly string[];
  /** Looks for the record of a node. */
  readonly seek: (nodeId: string) => void;
  readonly asked: (link: Link) => boolean;
  readonly mayStay: (nodeId: string) => boolean;
  /** Where a node cannot be dialled: a link that both sides open. */
  readonly punch: Punch;
  /** 0 to 1. */
  readonly random: () => number;
  readonly now: () => number;
  readonly failed: (error: unknown) => void;
}

/** What makes links that both sides open (S2 CONNECT). */
export interface Punch {
  mayReach(nodeId: string): boolean;
  reach(nodeId: string): Promise<Link | undefined>;
}

interface Traffic {
  messages: number;
  since: number;
  last: number;
  /** When it was last seen whether there is somewhere to dial. */
  looked: number;
}

/** Nodes of which it is counted what was written to them. */
const COUNTED = 1000;
const SWEEP_MS = 30_000;
/** What keeps a node from being dialled seldom changes: it is not looked at for each of thousands of messages. */
const LOOK_MS = 1000;

/** Direct links to those to whom this node writes: dialled once there is traffic worth it, and kept warm for a while (S3 "recently contacted"). */
export class DirectLinks {
  readonly #deps: DirectDeps;
  readonly #config: NeighbourConfig;
  readonly #traffic = new LruMap<string, Traffic>(COUNTED);
  readonly #made = new Map<string, Link>();
  /** Those of them that somebody else needs. */
  readonly #reached = new Set<string>();
  readonly #meetings: AttemptLog;
  /** Meetings under way. */
  #meeting = 0;

  constructor(deps: DirectDeps, config: NeighbourConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#meetings = new AttemptLog(config);
    if (config.maxDirect > 0)
      deps.scope.every(
        () => SWEEP_MS,
        () => this.#sweep(),
      );
  }

  get size(): number {
    return this.#made.size;
  }

  /** Links, and those that may become some. */
  get #taken(): number {
    return this.#made.size + this.#deps.dialler.size + this.#meeting;
  }

  /** Ends those that are not to be any more. */
  reconsider(): void {
    for (const [nodeId, link] of this.#made) if (!this.#mayStay(nodeId, link)) this.#end(nodeId, link, 'no longer wanted');
  }

  /** What somebody else needs stays, whoever it is with, and what the user asked for. */
  #mayStay(nodeId: string, link: Link): boolean {
    return this.#reached.has(nodeId) || this.#deps.mayStay(nodeId) || this.#deps.asked(link);
  }

  #end(nodeId: string, link: Link, why: string): void {
    this.#made.delete(nodeId);
    this.#reached.delete(nodeId);
    if (!this.#deps.asked(link)) this.#deps.links.close(link, why);
  }

  /** A link that was made here ended. */
  down(link: Link): void {
    const { nodeId } = link.peer;
    if (this.#made.get(nodeId) !== link) return;
    this.#made.delete(nodeId);
    this.#reached.delete(nodeId);
  }

  /** An own message reached a node, by whatever way; `lost`: it found none, which a direct link may be. */
  wrote(nodeId: string, lost: boolean): void {
    const { maxDirect, directWindowMs, directMessages } = this.#config;
    if (maxDirect === 0) return;
    const now = this.#deps.now();
    const known = this.#traffic.get(nodeId);
    const fresh =
      known && now - known.since < directWindowMs ? known : { messages: 0, since: now, last: now, looked: Number.NEGATIVE_INFINITY };
    fresh.messages++;
    fresh.last = now;
    this.#traffic.set(nodeId, fresh);
    if ((fresh.messages < directMessages && !lost) || this.#taken >= maxDirect || this.#deps.links.get(nodeId)) return;
    if (now - fresh.looked < LOOK_MS) return;
    fresh.looked = now;
    const endpoints = this.#deps.endpoints(nodeId);
    if (endpoints.length === 0) this.#deps.seek(nodeId);
    if (this.#deps.dialler.mayDial(nodeId, endpoints) || this.#mayMeet(nodeId))
      this.#deps.scope.run(this.#link(nodeId, endpoints), this.#deps.failed);
  }

  /** A link that somebody else needs. Undefined where it cannot be made now. */
  async reach(nodeId: string): Promise<Link | undefined> {
    const { dialler, endpoints, links } = this.#deps;
    const pending = dialler.pending(nodeId);
    if (pending) {
      await pending;
      return links.get(nodeId);
    }
    const known = endpoints(nodeId);
    if (this.#taken >= this.#config.maxReached || !dialler.mayDial(nodeId, known)) return undefined;
    const now = this.#deps.now();
    this.#traffic.set(nodeId, { messages: 0, since: now, last: now, looked: now });
    this.#reached.add(nodeId);
    await this.#dial(nodeId, known);
    const made = this.#made.get(nodeId);
    if (!made) this.#reached.delete(nodeId);
    return made;
  }

  /** A link that was made here is in use. */
  uses(nodeId: string): void {
    const traffic = this.#made.has(nodeId) ? this.#traffic.get(nodeId) : undefined;
    if (traffic) traffic.last = this.#deps.now();
  }

  /** Dials a node, and where that leads to nothing meets it. */
  async #link(nodeId: string, endpoints: readonly string[]): Promise<void> {
    if (this.#deps.dialler.mayDial(nodeId, endpoints)) await this.#dial(nodeId, endpoints);
    if (!this.#mayMeet(nodeId)) return;
    this.#meeting++;
    const link = await this.#deps.punch.reach(nodeId).finally(() => this.#meeting--);
    if (link) this.#meetings.succeeded(nodeId, link.latencyMs);
    else this.#meetings.failed(nodeId, this.#deps.now(), this.#deps.random());
    this.#keep(nodeId, link);
  }

  #mayMeet(nodeId: string): boolean {
    return this.#meetings.mayDial(nodeId, this.#deps.now()) && this.#deps.punch.mayReach(nodeId);
  }

  async #dial(nodeId: string, endpoints: readonly string[]): Promise<void> {
    this.#keep(nodeId, await this.#deps.dialler.dial(nodeId, endpoints));
  }

  #keep(nodeId: string, link: Link | undefined): void {
    if (!link || link.closing) return;
    this.#made.set(nodeId, link);
    // It may have been unwanted since it was begun.
    if (!this.#mayStay(nodeId, link)) this.#end(nodeId, link, 'no longer wanted');
  }

  /** Ends links over which nothing was written for long; not what the user asked for. */
  #sweep(): void {
    const oldest = this.#deps.now() - this.#config.directWarmMs;
    for (const [nodeId, link] of this.#made) {
      if ((this.#traffic.get(nodeId)?.last ?? 0) <= oldest) this.#end(nodeId, link, 'no longer in use');
    }
  }
}
