import type { Link, Links } from '../link/index.ts';
import type { Clock } from '../ports/clock.ts';
import { LruMap } from '../util/bounded.ts';
import type { OverlayConfig } from './config.ts';
import { BY_RECORD, type KnownNodes } from './known-nodes.ts';
import type { RoutingTable } from './routing-table.ts';
import { Seeking } from './seeking.ts';
import { Ways } from './ways.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface DirectionDeps {
  readonly clock: Clock;
  readonly links: Links;
  readonly self: string;
  readonly relays: boolean;
  readonly routes: RoutingTable;
  readonly known: KnownNodes;
  /** The record of a node, where one is held that has not expired. */
  readonly record: ((nodeId: string) => Whereabouts | undefined) | undefined;
  /** Looks for the record of a node. */
  readonly seek: ((nodeId: string) => void) | undefined;
}

/** Servers among the neighbours of late that are remembered as such. */
const FORMER_SERVERS = 10_000;

/** What this node knows of where others are, and so the ways to them: neighbours, ROUTING, records, and those who were here before. */
export class Directions {
  readonly ways: Ways;
  readonly #deps: DirectionDeps;
  readonly #config: OverlayConfig;
  readonly #seeking: Seeking;
  /** Neighbours of late that are servers: it is not for us to wait for them. */
  readonly #servers = new LruMap<string, true>(FORMER_SERVERS);

  constructor(deps: DirectionDeps, config: OverlayConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#seeking = new Seeking(config, deps.clock.monotonic());
    this.ways = new Ways({
      self: deps.self,
      server: deps.links.local.nodeType === 'server',
      routes: deps.routes,
      attachments: (nodeId) => this.#record(nodeId)?.attachments.map((server) => server.nodeId) ?? [],
      home: (nodeId) => this.#isHome(nodeId),
      gateways: () => this.#gateways(),
    });
  }

  up({ peer }: Link): void {
    if (peer.nodeType !== 'server' || !peer.relays) return;
    this.ways.serverUp(peer.nodeId);
    this.#servers.set(peer.nodeId, true);
  }

  down(nodeId: string): void {
    this.ways.serverDown(nodeId);
  }

  /** Whether a node is known: present now, or named within a week by a neighbour, by ROUTING or by a record of its own. */
  knows(nodeId: string): boolean {
    const { routes, known, clock } = this.#deps;
    return routes.reaches(nodeId) || known.has(nodeId, clock.now()) || this.#record(nodeId) !== undefined;
  }

  /** Whether a node is believed to be there: by ROUTING, or because it has signed so lately. */
  isPresent(nodeId: string): boolean {
    const { routes, clock } = this.#deps;
    return routes.reaches(nodeId) || clock.now() - (this.#record(nodeId)?.time ?? 0) < this.#config.presentMs;
  }

  /** There is no way to a node that anybody vouches for: its record is looked for, if it is time. */
  seek(nodeId: string): void {
    const { seek, clock } = this.#deps;
    if (seek && this.#seeking.isDue(nodeId, clock.monotonic())) seek(nodeId);
  }

  /** What a node has signed of where it is; not what is older than a week. */
  #record(nodeId: string): Whereabouts | undefined {
    const record = this.#deps.record?.(nodeId);
    const now = this.#deps.clock.now();
    if (!record || record.time <= now - this.#config.knownMs) return undefined;
    // Records that were looked up are gone after a restart. That their nodes are known is not.
    this.#deps.known.saw(nodeId, BY_RECORD, Math.min(record.time, now));
    return record;
  }

  /** Whether a node is a client that was our neighbour, and comes back to us. */
  #isHome(nodeId: string): boolean {
    const { known, clock } = this.#deps;
    if (!known.wasNeighbour(nodeId, clock.now()) || this.#servers.get(nodeId)) return false;
    return this.#record(nodeId)?.nodeType !== 'server';
  }

  /** Servers to leave a message with when no route is known: for clients; a server keeps it. */
  #gateways(): string[] {
    const { links, relays, routes } = this.#deps;
    if (relays && links.local.nodeType === 'server') return [];
    const servers = links.all().filter((link) => link.peer.nodeType === 'server');
    const rank = (link: Link): number => link.latencyMs / 100 + 8 * (1 - routes.reliabilityOf(link.peer.nodeId));
    return servers.sort((a, b) => rank(a) - rank(b)).map((link) => link.peer.nodeId);
  }
}
