import type { Link, Links } from '../link/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { TokenBucket } from '../util/bounded.ts';
import type { Metrics } from '../util/metrics.ts';
import { Scope } from '../util/scope.ts';
import type { DataOf } from '../wire/verb.ts';
import type { OverlayConfig } from './config.ts';
import { Damping } from './damping.ts';
import { inTurn } from './in-turn.ts';
import { type RouteEntry, type RoutingTable, UNREACHABLE } from './routing-table.ts';
import { MAX_ROUTES, ROUTING } from './verbs.ts';

export interface ExchangeDeps {
  readonly self: string;
  readonly links: Links;
  readonly routes: RoutingTable;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  /** Whether a neighbour that does not pass on messages wants to know of a node: a contact or co-member. */
  readonly concerns: (nodeId: string, destination: string) => boolean;
  /** Called for each destination whose reachability may have changed. */
  readonly changed: (destinations: readonly string[]) => void;
}

/** How often it is looked who is due a whole table. */
const TICK_MS = 1000;

/** Changes that are told at once: in two of these a second are fewer messages than a neighbour takes. */
const MAX_TOLD = 4 * MAX_ROUTES;
/** Changes times neighbours that are told at once, as long as it is more than one message of them: each takes a moment for each. */
const MAX_WORK = 2_000_000;

/** Changes that one message tells. */
interface Block {
  readonly told: readonly string[];
  /** Neighbours to whom some of it is something else. */
  readonly special: ReadonlySet<string>;
  /** What all others hear. */
  readonly common: readonly string[];
}

/** Tells neighbours of routes, and hears theirs (S2 ROUTING; WIRE "ROUTING"). */
export class RouteExchange {
  readonly #deps: ExchangeDeps;
  readonly #config: OverlayConfig;
  readonly #scope: Scope;
  /** When each neighbour is due its next whole table (monotonic milliseconds). */
  readonly #fullAt = new WeakMap<Link, number>();
  readonly #damping: Damping;
  readonly #batches: TokenBucket;
  #armed = false;
  /** The whole table, until something in it is told to have changed. */
  #rows: readonly TableRow[] | undefined;

  constructor(deps: ExchangeDeps, config: OverlayConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.clock);
    this.#damping = new Damping({ firstMs: config.flapFirstMs, maxMs: config.flapMaxMs, halfLifeMs: config.flapHalfLifeMs });
    this.#batches = new TokenBucket(config.routingPerSecond, config.routingBurst, deps.clock.monotonic());
    deps.metrics.gauge('routes_damped', () => this.#damping.size);
    deps.metrics.gauge('routes', () => deps.routes.size);
    this.#scope.every(
      () => config.routingFullMs,
      () => deps.routes.forgive(),
    );
    this.#scope.every(
      () => TICK_MS,
      () => {
        this.#release();
        this.#refresh();
      },
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  up(link: Link): void {
    this.#deps.routes.neighbourUp(link.peer.nodeId, { latencyMs: link.latencyMs }, this.#now());
    // The first of the whole tables to follow comes at any time of the period: those of many links, all at once, would fill the memory.
    this.#fullAt.set(link, this.#now() + this.#config.routingFullMs * this.#deps.random.number());
    this.#sendFull(link, this.#table());
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
    const entries = data.nodes.map(
      (entry): RouteEntry => ({
        nodeId: entry.node_id,
        hops: entry.ttl,
        latencyMs: entry.latency_ms ?? 0,
        reliability: entry.reliability ?? 1,
      }),
    );
    const { tooMany, churn } = this.#deps.routes.update(link.peer.nodeId, entries, data.full === true, this.#now());
    if (tooMany > 0) this.#deps.metrics.count('rejections', 'routing-too-many', tooMany);
    if (churn > 0) this.#deps.metrics.count('rejections', 'routing-churn', churn);
    this.#soon();
  }

  /** Changes are gathered for a moment: news of one event comes from several sides at once. When there is news all the time, for longer. */
  #soon(): void {
    if (this.#armed) return;
    this.#armed = true;
    const gather = this.#config.routingDelayMs * (0.5 + this.#deps.random.number());
    this.#scope.after(Math.max(gather, this.#batches.debit(this.#now())), () => {
      this.#armed = false;
      this.#tellChanges();
    });
  }

  #tellChanges(): void {
    const { routes, links } = this.#deps;
    const most = Math.min(MAX_TOLD, Math.max(MAX_ROUTES, Math.floor(MAX_WORK / Math.max(1, links.size))));
    const fresh = routes.takeChanges(most);
    if (routes.isChanged) this.#soon();
    if (fresh.length > 0) this.#deps.changed(fresh);
    const now = this.#now();
    const all = new Set([...fresh, ...this.#damping.due(now, most)]);
    const changed = [...all].filter((destination) => this.#damping.changed(destination, routes.hopsTo(destination) !== undefined, now));
    if (changed.length === 0) return;
    this.#rows = undefined;
    const texts = new Map(changed.map((destination) => [destination, entryText(routes.entryFor('', destination))]));
    const blocks = this.#blocks(changed, texts);
    for (const link of links.all()) {
      const { nodeId } = link.peer;
      if (this.#wantsAll(link))
        this.#say(
          link,
          blocks.flatMap(({ special, told, common }) =>
            special.has(nodeId) ? this.#messages(this.#changesFor(link, told, texts), false) : common,
          ),
        );
      else this.#say(link, this.#messages(this.#changesFor(link, changed, texts), false));
    }
  }

  /**
   * Most neighbours hear the same; those whom it is about, or through whom it goes, something of their own. What goes through one stands together, so
   * that this is little: where many have much through them, all of it anew for each would be work for the square of them.
   */
  #blocks(changed: readonly string[], texts: ReadonlyMap<string, string>): Block[] {
    const { routes } = this.#deps;
    const hop = (destination: string): string => routes.nextHopTo(destination) ?? '';
    const sorted = [...changed].sort((a, b) => (hop(a) < hop(b) ? -1 : hop(a) > hop(b) ? 1 : 0));
    const blocks: Block[] = [];
    for (let at = 0; at < sorted.length; at += MAX_ROUTES) {
      const told = sorted.slice(at, at + MAX_ROUTES);
      const special = new Set([...told, ...told.map(hop)]);
      const common = this.#messages(
        told.map((destination) => texts.get(destination) ?? ''),
        false,
      );
      blocks.push({ told, special, common });
    }
    return blocks;
  }

  #changesFor(link: Link, changed: readonly string[], texts: ReadonlyMap<string, string>): string[] {
    const { routes } = this.#deps;
    const { nodeId } = link.peer;
    return changed.flatMap((destination) => {
      if (destination === nodeId || !this.#wants(link, destination)) return [];
      return routes.nextHopTo(destination) === nodeId ? entryText(routes.entryFor(nodeId, destination)) : (texts.get(destination) ?? []);
    });
  }

  #release(): void {
    const released = this.#deps.routes.release(this.#now());
    if (released || this.#damping.isDue(this.#now())) this.#soon();
  }

  /** Whole tables for those who are due one. */
  #refresh(): void {
    const { routes, links, random } = this.#deps;
    const now = this.#now();
    const due = links.all().filter((link) => (this.#fullAt.get(link) ?? 0) <= now);
    if (due.length === 0) return;
    this.#rows = undefined;
    const table = this.#table();
    for (const link of due) {
      this.#fullAt.set(link, now + this.#config.routingFullMs * (0.9 + 0.2 * random.number()));
      routes.measured(link.peer.nodeId, link.latencyMs);
      this.#sendFull(link, table);
    }
  }

  /** The table: most of it is the same for every neighbour, the text of each entry too. */
  #table(): readonly TableRow[] {
    this.#rows ??= this.#makeTable();
    return this.#rows;
  }

  #makeTable(): readonly TableRow[] {
    const told = this.#deps.routes.table().filter((entry) => !this.#damping.hides(entry.nodeId));
    const rows = told.map((entry) => ({ ...entry, text: undefined }));
    // When not all fit: nearest first of each next hop in turn.
    return rows.length > MAX_ROUTES ? inTurn(rows, ({ via }) => via) : rows;
  }

  #sendFull(link: Link, table: readonly TableRow[]): void {
    const texts: string[] = [];
    const { nodeId } = link.peer;
    for (const row of table) {
      if (texts.length >= MAX_ROUTES) break;
      if (row.via !== nodeId && row.nodeId !== nodeId && this.#wants(link, row.nodeId)) texts.push(this.#textOf(row));
    }
    this.#say(link, this.#messages(texts, true));
  }

  /** Made when it is needed: most of a long table is told to nobody. */
  #textOf(row: TableRow): string {
    row.text ??= entryText(this.#deps.routes.entryFor('', row.nodeId));
    return row.text;
  }

  #say(link: Link, messages: readonly string[]): void {
    for (const message of messages) if (link.send(message, ROUTING.kind)) this.#deps.metrics.count('sent', ROUTING.name);
  }

  #wantsAll(link: Link): boolean {
    return link.peer.relays || this.#deps.routes.size <= this.#config.routingWholeTable;
  }

  #wants(link: Link, destination: string): boolean {
    return this.#wantsAll(link) || this.#deps.concerns(link.peer.nodeId, destination);
  }

  /** ROUTING with these entries: one that is full always, changes where there are any. */
  #messages(entries: readonly string[], full: boolean): string[] {
    const start = `{"ttl":1,"flood":false,"msg_type":"${ROUTING.name}","msg_data":{"node_id":"${this.#deps.self}"`;
    const messages = full ? [`${start},"full":true,"nodes":[${entries.slice(0, MAX_ROUTES).join(',')}]}}`] : [];
    for (let at = full ? MAX_ROUTES : 0; at < entries.length; at += MAX_ROUTES) {
      messages.push(`${start},"nodes":[${entries.slice(at, at + MAX_ROUTES).join(',')}]}}`);
    }
    return messages;
  }

  #now(): number {
    return this.#deps.clock.monotonic();
  }
}

interface TableRow {
  readonly nodeId: string;
  readonly via: string;
  text: string | undefined;
}

/** An entry of ROUTING as JSON. */
function entryText({ nodeId, hops, latencyMs, reliability }: RouteEntry): string {
  if (hops >= UNREACHABLE) return `{"node_id":"${nodeId}","ttl":${UNREACHABLE}}`;
  const latency = Math.min(600_000, Math.round(latencyMs));
  return `{"node_id":"${nodeId}","ttl":${hops},"latency_ms":${latency},"reliability":${Math.round(reliability * 100) / 100}}`;
}
