import { type Link, meantForUs } from '../../link/index.ts';
import type { Candidate } from '../../overlay/index.ts';
import { Scope } from '../../util/scope.ts';
import type { NeighbourConfig } from './config.ts';
import { Dialler, type DiallerDeps } from './dialler.ts';
import { DirectLinks, type Punch } from './direct.ts';
import { choose, type Standing } from './state.ts';

/** A server that the registry knows. */
export interface ServerContact {
  readonly nodeId: string;
  /** From its record, where that is at hand. */
  readonly endpoints?: readonly string[];
}

export interface NeighbourDeps extends Omit<DiallerDeps, 'scope'> {
  readonly self: string;
  /** Whether this node is a server: those keep links over the whole id space. */
  readonly server: boolean;
  /** Servers that the registry knows. */
  readonly contacts: () => readonly ServerContact[];
  /** Endpoints in the record of a node; none where no record is held. */
  readonly endpoints: (nodeId: string) => readonly string[];
  /** Where this node is, and where it went by itself: says which private endpoints of others it may dial. */
  readonly places: () => readonly string[];
  /** Looks for the record of a node. */
  readonly seek: (nodeId: string) => void;
  readonly punch: Punch;
  /** Whether the user asked for a link. */
  readonly asked: (link: Link) => boolean;
  /** Whether there may be a link with a node because of what is written to it. */
  readonly mayStay: (nodeId: string) => boolean;
  /** How a neighbour does. */
  readonly measured: (nodeId: string) => Candidate | undefined;
}

/** Chooses the links that a node makes by itself: to servers over the whole id space, and to those to whom it writes. */
export class Neighbours {
  readonly #deps: NeighbourDeps;
  readonly #config: NeighbourConfig;
  readonly #scope: Scope;
  readonly #dialler: Dialler;
  readonly #direct: DirectLinks;
  readonly #made = new Map<string, Link>();

  constructor(deps: NeighbourDeps, config: NeighbourConfig) {
    this.#deps = deps;
    this.#config = config;
    const { ports, links, metrics } = deps;
    this.#scope = new Scope(ports.clock);
    this.#dialler = new Dialler({ ports, links, metrics, scope: this.#scope }, config);
    this.#direct = new DirectLinks(
      {
        links,
        dialler: this.#dialler,
        scope: this.#scope,
        endpoints: (nodeId) => meantForUs(deps.endpoints(nodeId), deps.places()),
        seek: deps.seek,
        asked: deps.asked,
        mayStay: deps.mayStay,
        punch: deps.punch,
        random: () => ports.random.number(),
        now: () => ports.clock.monotonic(),
        failed: (error) => this.#failed(error),
      },
      config,
    );
    metrics.gauge('links_chosen', () => this.#chosen());
  }

  start(): void {
    const { links, ports, server } = this.#deps;
    this.#scope.add(
      links.events.on('down', ({ link }) => {
        this.#direct.down(link);
        if (this.#made.get(link.peer.nodeId) === link) this.#made.delete(link.peer.nodeId);
      }),
    );
    if (!server) return;
    this.#scope.every(
      () => this.#config.checkMs * (0.5 + ports.random.number()),
      () => this.check(),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** An own message reached a node, by whatever way; `lost`: it found none. */
  wrote(nodeId: string, lost: boolean): void {
    this.#direct.wrote(nodeId, lost);
  }

  /** A link to a server, for others' circuits: one that stands, or one that is dialled at the endpoints of its record and kept while it is in use. */
  async reach(nodeId: string): Promise<Link | undefined> {
    return this.#deps.links.get(nodeId) ?? (await this.#direct.reach(nodeId)) ?? this.#deps.links.get(nodeId);
  }

  /** Ends links with those to whom the user writes, where they are not to be any more. */
  reconsider(): void {
    this.#direct.reconsider();
  }

  /** Something went over the link with a node. */
  uses(nodeId: string): void {
    this.#direct.uses(nodeId);
  }

  /** How dialling a node went so far; undefined when it was not tried. */
  reliability(nodeId: string): number | undefined {
    return this.#dialler.attempts.reliability(nodeId);
  }

  /** Looks whether a part of the id space lacks a link, and whether one is too many. */
  check(): void {
    const { self, contacts, links, seek, ports } = this.#deps;
    const { attempts } = this.#dialler;
    const endpoints = new Map<string, readonly string[]>();
    const places = this.#deps.places();
    for (const { nodeId, endpoints: named } of contacts()) endpoints.set(nodeId, meantForUs(named ?? this.#deps.endpoints(nodeId), places));
    const prospects = [...endpoints].flatMap(([nodeId, known]) => {
      if (known.length > 0 && !this.#dialler.mayDial(nodeId, known)) return [];
      // Of those that are alike, each server takes another.
      return [{ nodeId, cost: attempts.cost(nodeId) * (1 + ports.random.number() / 4) + (known.length > 0 ? 0 : 1000) }];
    });
    const standing = links.all().flatMap((link) => this.#standing(link));
    const maxDials = Math.max(0, this.#config.maxDials - this.#dialler.size);
    const { dial, drop } = choose(self, prospects, standing, { maxLinks: this.#config.maxLinks, maxDials });
    for (const nodeId of drop) {
      const link = this.#made.get(nodeId);
      if (link) links.close(link, 'another link serves as well');
    }
    for (const nodeId of dial) {
      const known = endpoints.get(nodeId) ?? [];
      if (known.length === 0) seek(nodeId);
      else this.#scope.run(this.#dial(nodeId, known), (error) => this.#failed(error));
    }
  }

  #chosen(): Map<string, number> {
    return new Map([
      ['id-space', this.#made.size],
      ['direct', this.#direct.size],
    ]);
  }

  async #dial(nodeId: string, endpoints: readonly string[]): Promise<void> {
    const link = await this.#dialler.dial(nodeId, endpoints);
    if (link && !link.closing) this.#made.set(nodeId, link);
  }

  #standing(link: Link): Standing[] {
    const { nodeId, nodeType, relays } = link.peer;
    if (nodeType !== 'server' || !relays) return [];
    const measured = this.#deps.measured(nodeId);
    const ours = this.#made.get(nodeId) === link && !this.#deps.asked(link);
    return [{ nodeId, ours, sound: (measured?.reliability ?? 1) >= this.#config.minReliability, latencyMs: link.latencyMs }];
  }

  #failed(error: unknown): void {
    this.#deps.ports.log.error('a link could not be chosen', { error: String(error) });
  }
}
