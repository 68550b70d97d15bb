import type { Link, Links } from '../link/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Metrics } from '../util/metrics.ts';
import { Scope } from '../util/scope.ts';
import type { JsonObject } from '../wire/json.ts';
import type { DataOf } from '../wire/verb.ts';
import type { OverlayConfig } from './config.ts';
import { type RouteEntry, type RoutingTable, UNREACHABLE } from './routing-table.ts';
import { MAX_ROUTES, ROUTING } from './verbs.ts';

export interface ExchangeDeps {
  readonly self: string;
  readonly links: Links;
  readonly routes: RoutingTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** The nodes that a neighbour which does not pass on messages wants to know of: its contacts and co-members. */
  readonly interests: (nodeId: string) => Iterable<string>;
  /** Called for each destination whose reachability may have changed. */
  readonly changed: (destinations: readonly string[]) => void;
}

/** Tells neighbours of routes, and hears theirs (S2 ROUTING; WIRE "ROUTING"). */
export class RouteExchange {
  readonly #deps: ExchangeDeps;
  readonly #config: OverlayConfig;
  readonly #scope: Scope;
  #armed = false;

  constructor(deps: ExchangeDeps, config: OverlayConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.clock);
    deps.metrics.gauge('routes', () => deps.routes.size);
    this.#scope.every(() => config.routingFullMs * (0.9 + 0.2 * deps.random.number()), () => this.#refresh());
    this.#scope.every(() => 1000, () => this.#release());
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  up(link: Link): void {
    this.#deps.routes.neighbourUp(link.peer.nodeId, { latencyMs: link.latencyMs, relays: link.peer.relays }, this.#now());
    this.#sendFull(link);
    this.#soon();
  }

  down(nodeId: string): void {
    this.#deps.routes.neighbourDown(nodeId, this.#now());
    this.#soon();
  }

  /** A neighbour's ROUTING. Only what it can pass messages on to is believed. */
  receive(link: Link, data: DataOf<typeof ROUTING>): void {
    if (!link.peer.relays) {
      if (data.nodes.length > 0) this.#deps.metrics.reject('routing-not-relay');
      return;
    }
    const entries = data.nodes.map((entry): RouteEntry => ({
      nodeId: entry.node_id,
      hops: entry.ttl,
      latencyMs: entry.latency_ms ?? 0,
      reliability: entry.reliability ?? 1,
    }));
    const left = this.#deps.routes.update(link.peer.nodeId, entries, data.full === true, this.#now());
    if (left > 0) this.#deps.metrics.count('rejections', 'routing-too-many', left);
    this.#soon();
  }

  /** Changes are gathered for a moment: news of one event comes from several sides at once. */
  #soon(): void {
    if (this.#armed) return;
    this.#armed = true;
    this.#scope.after(this.#config.routingDelayMs * (0.5 + this.#deps.random.number()), () => {
      this.#armed = false;
      this.#tellChanges();
    });
  }

  #tellChanges(): void {
    const { routes, links } = this.#deps;
    const changed = routes.takeChanges();
    if (changed.length === 0) return;
    this.#deps.changed(changed);
    for (const link of links.all()) {
      const wanted = this.#wanted(link);
      const entries = changed
        .filter((destination) => destination !== link.peer.nodeId && (!wanted || wanted.has(destination)))
        .map((destination) => routes.entryFor(link.peer.nodeId, destination));
      for (let at = 0; at < entries.length; at += MAX_ROUTES) this.#send(link, entries.slice(at, at + MAX_ROUTES), false);
    }
  }

  #release(): void {
    if (this.#deps.routes.release(this.#now())) this.#soon();
  }

  #refresh(): void {
    this.#deps.routes.forgive();
    for (const link of this.#deps.links.all()) {
      this.#deps.routes.measured(link.peer.nodeId, link.latencyMs);
      this.#sendFull(link);
    }
  }

  #sendFull(link: Link): void {
    const wanted = this.#wanted(link);
    const table = this.#deps.routes.tableFor(link.peer.nodeId, MAX_ROUTES);
    this.#send(link, (wanted ? table.filter((entry) => wanted.has(entry.nodeId)) : table).slice(0, MAX_ROUTES), true);
  }

  /** Undefined: everything. */
  #wanted(link: Link): Set<string> | undefined {
    if (link.peer.relays || this.#deps.routes.size <= this.#config.routingWholeTable) return undefined;
    return new Set(this.#deps.interests(link.peer.nodeId));
  }

  #send(link: Link, entries: readonly RouteEntry[], full: boolean): void {
    const nodes = entries.map((entry): JsonObject =>
      entry.hops >= UNREACHABLE
        ? { node_id: entry.nodeId, ttl: UNREACHABLE }
        : {
            node_id: entry.nodeId,
            ttl: entry.hops,
            latency_ms: Math.min(600_000, Math.round(entry.latencyMs)),
            reliability: Math.round(entry.reliability * 100) / 100,
          },
    );
    const data: JsonObject = { node_id: this.#deps.self, nodes };
    if (full) data.full = true;
    link.say(ROUTING, data);
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }
}
