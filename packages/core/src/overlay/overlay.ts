import type { Identity } from '../identity/identity.ts';
import type { KeyBook } from '../identity/ids.ts';
import type { Link, Links } from '../link/index.ts';
import type { Ports } from '../ports/index.ts';
import type { StoreWrite, TableSpec } from '../ports/store.ts';
import { type Awaitable, chain, isPromise } from '../util/awaitable.ts';
import { ParleyError } from '../util/errors.ts';
import { Emitter } from '../util/events.ts';
import type { Metrics } from '../util/metrics.ts';
import { Scope } from '../util/scope.ts';
import { composeMessage } from '../wire/auth.ts';
import type { JsonObject } from '../wire/json.ts';
import { JwsReader } from '../wire/jws.ts';
import { MAX_TTL, type Message } from '../wire/message.ts';
import { type OriginCheck, type OriginFault, type OriginProof, proveOrigin } from '../wire/origin.ts';
import { type AnyVerb, type DataOf, recipientsOf, type Verb, type VerbRegistry } from '../wire/verb.ts';
import { ACCEPT, type Arrival, type Handler, type Verdict } from './arrival.ts';
import { Attendance } from './attendance.ts';
import type { OverlayConfig } from './config.ts';
import { Custody } from './custody.ts';
import { custodyTables } from './custody-store.ts';
import { Directed } from './directed.ts';
import { Directions } from './directions.ts';
import { RouteExchange } from './exchange.ts';
import { Floods } from './floods.ts';
import { KnownNodes, knownTables } from './known-nodes.ts';
import { LateReports } from './late-reports.ts';
import { OriginQuotas } from './origin-quotas.ts';
import type { Delivery } from './outcomes.ts';
import { OwnCircuits } from './own-circuits.ts';
import { Passing } from './passing.ts';
import { Probes } from './probes.ts';
import { type ReceiptState, Reports } from './reports.ts';
import { type Candidate, RoutingTable } from './routing-table.ts';
import { Sealed } from './sealed.ts';
import { trafficByKind } from './traffic.ts';
import { ACK, FLEETING, MAX_ROUTES, NACK, namedIn, nodesIn, RECEIPT, ROUTING, SEALED } from './verbs.ts';
import type { Way } from './ways.ts';
import type { Whereabouts } from './whereabouts.ts';

export interface OverlayEvents {
  delivery: Delivery;
  /** A destination became reachable by ROUTING, or is so no longer. */
  presence: { readonly nodeId: string; readonly present: boolean };
  neighbours: undefined;
  /** A RECEIPT or NACK about messages of this node, as it came, and who signed it. */
  report: { readonly message: JsonObject; readonly msgIds: ReadonlySet<string>; readonly by: string };
}

export interface OverlayDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly links: Links;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
  /** Whether this node passes on others' messages. */
  readonly relays: boolean;
  /** Whether features know that the first node wants to hear of the second. */
  readonly concerns: (nodeId: string, destination: string) => boolean;
  readonly favoured: (destination: string, origin: string) => boolean;
  /** The record of a node, where one is held that has not expired. */
  readonly record?: (nodeId: string) => Whereabouts | undefined;
  /** Looks for the record of a node, and calls `learned` when there is one. */
  readonly seek?: (nodeId: string) => void;
}

export const overlayTables: readonly TableSpec[] = [...custodyTables, ...knownTables];

const KNOWN_SAVE_MS = 10_000;
/** How often those who are there all the time are noted. */
const KNOWN_REFRESH_MS = 60 * 60_000;

/** Neighbours, routes, floods, custody: how messages travel. Knows nothing of what they mean. */
export class Overlay {
  readonly events: Emitter<OverlayEvents>;
  /** Verbs that travel inside SEALED. */
  readonly sealed: Sealed;
  /** Own messages that go by circuit, and others' that came so. */
  readonly circuits: OwnCircuits;
  readonly #deps: OverlayDeps;
  readonly #self: string;
  readonly #scope: Scope;
  readonly #handlers = new Map<string, Handler<never>>();
  readonly #routes: RoutingTable;
  readonly #exchange: RouteExchange;
  readonly #floods: Floods;
  readonly #custody: Custody;
  readonly #reports: Reports;
  readonly #late: LateReports;
  readonly #known: KnownNodes;
  readonly #attendance: Attendance;
  readonly #directed: Directed;
  readonly #reader: JwsReader;
  readonly #directions: Directions;
  readonly #passing: Passing;

  constructor(deps: OverlayDeps, config: OverlayConfig) {
    const { ports, identity, links, metrics } = deps;
    this.#deps = deps;
    this.#self = identity.nodeId;
    this.#reader = new JwsReader(ports.crypto, deps.keys);
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    const churn = { perSecond: config.routingChurnPerSecond, burst: config.routingChurnBurst };
    const limits = { maxClaims: MAX_ROUTES, holdMs: config.routingHoldMs, horizon: config.routingHorizon, churn };
    this.#routes = new RoutingTable(this.#self, limits);
    this.#known = new KnownNodes(ports.store, { capacity: config.knownCapacity, keepMs: config.knownMs });
    this.#attendance = new Attendance({
      self: this.#self,
      clock: ports.clock,
      store: ports.store,
      routes: this.#routes,
      known: this.#known,
      changed: (nodeId, present) => this.#presenceChanged(nodeId, present),
    });
    this.#reports = new Reports(this.#scope, config.receiptBatchMs, (report) =>
      this.#report(report.verb === 'NACK' ? NACK : RECEIPT, report.data),
    );
    this.#late = new LateReports(config.reportWaitMs);
    this.#exchange = new RouteExchange(
      {
        self: this.#self,
        links,
        routes: this.#routes,
        clock: ports.clock,
        random: ports.random,
        metrics,
        concerns: deps.concerns,
        changed: (destinations) => this.#routesChanged(destinations),
      },
      config,
    );
    this.#directions = new Directions(
      {
        clock: ports.clock,
        links,
        self: this.#self,
        relays: deps.relays,
        routes: this.#routes,
        known: this.#known,
        record: deps.record,
        seek: deps.seek,
      },
      config,
    );
    const directions = this.#directions;
    this.circuits = new OwnCircuits({
      self: this.#self,
      verbs: deps.verbs,
      metrics,
      custody: () => this.#custody,
      directed: () => this.#directed,
      prove: (verb, message, check) => this.#prove(verb, message, check),
    });
    const { circuits } = this;
    const probes = new Probes({ links, metrics, scope: this.#scope });
    this.#passing = new Passing({ clock: ports.clock, links, metrics, verbs: deps.verbs, directions, circuits, late: this.#late });
    const known = (nodeId: string): boolean => directions.knows(nodeId);
    this.#floods = new Floods({ ports, keys: deps.keys, links, metrics, self: this.#self, relays: deps.relays, known }, config);
    this.#custody = new Custody(
      {
        ports,
        clock: ports.clock,
        metrics,
        self: this.#self,
        relays: deps.relays,
        routes: this.#routes,
        ways: directions.ways,
        circuits,
        reports: this.#reports,
        known,
        isPresent: (nodeId) => directions.isPresent(nodeId),
        seek: (nodeId) => directions.seek(nodeId),
        favoured: deps.favoured,
        transmit: (neighbour, json, { type, receipts }) =>
          links.get(neighbour)?.send(json, deps.verbs.get(type)?.kind) ?? circuits.carry(neighbour, json, receipts),
        sampleLatency: (neighbour, ms) => links.get(neighbour)?.sampleLatency(ms),
        doubt: (neighbour, waitMs) => {
          if (links.get(neighbour)) probes.doubt(neighbour, waitMs);
          else circuits.doubt(neighbour);
        },
        prove: (type, body) => this.#proveBody(type, body),
        loose: (type) => deps.verbs.get(type)?.spec.jws !== undefined,
        split: (type) => deps.verbs.get(type)?.spec.split === true,
      },
      config,
    );
    const quotas = new OriginQuotas(config.originRateScale);
    this.sealed = new Sealed({
      ports,
      identity,
      verbs: deps.verbs,
      metrics,
      quotas,
      entrust: (data, options) => this.entrust(SEALED, data, options),
      send: (data) => this.send(SEALED, data),
      utter: (data) => this.#utter(data),
      expects: (origin) => deps.favoured(this.#self, origin),
    });
    this.#directed = new Directed({
      ports,
      prove: (verb, message, check) => this.#prove(verb, message, check),
      quotas,
      links,
      metrics,
      self: this.#self,
      relays: deps.relays,
      underWayBytes: config.underWayBytes,
      custody: this.#custody,
      reports: this.#reports,
      decide: (verb, arrival) => this.#decide(verb, arrival),
      passing: this.#passing,
      failed: (error) => this.#failed(error),
    });
    this.handle(NACK, (arrival) => this.#onNack(arrival));
    this.handle(RECEIPT, (arrival) => this.#onReceipt(arrival));
    this.handle(SEALED, (arrival) => this.sealed.receive(arrival));
    this.handle(FLEETING, (arrival) => this.sealed.hear(arrival));
    this.#custody.events.on('delivery', (delivery) => this.events.emit('delivery', delivery));
    metrics.gauge('traffic_received', () => trafficByKind(metrics, deps.verbs, 'received'));
    metrics.gauge('traffic_sent', () => trafficByKind(metrics, deps.verbs, 'sent'));
    metrics.gauge('known_nodes', () => this.#known.size);
    metrics.gauge('seen_floods', () => this.#floods.seen);
  }

  /** Reads back what is held, and begins to take messages. */
  async start(): Promise<void> {
    const { links, ports } = this.#deps;
    await this.#known.start(ports.clock.now());
    await this.#custody.start();
    links.onMessage = (link, verb, message, bytes) => this.#receive(link, verb, message, bytes);
    this.#scope.add(links.events.on('up', (link) => this.#up(link)));
    this.#scope.add(links.events.on('down', ({ link, replaced }) => this.#down(link, replaced)));
    this.#scope.every(
      () => KNOWN_SAVE_MS,
      () => this.#scope.run(this.#attendance.save(), (error) => this.#failed(error)),
    );
    this.#scope.every(
      () => KNOWN_REFRESH_MS,
      () => this.#attendance.sawAll(),
    );
  }

  async close(): Promise<void> {
    await this.#exchange.close();
    await this.#scope.close();
    await this.#custody.close();
    await this.#attendance.save();
  }

  /** Declares what handles a verb when it reaches this node. */
  handle<N extends string, D>(verb: Verb<N, D>, handler: Handler<D>): void {
    this.#handlers.set(verb.name, handler as Handler<never>);
  }

  /** Signs and sends to everybody. Returns the message as it was sent. */
  async flood<N extends string, D extends object>(verb: Verb<N, D>, data: Omit<D, 'node_id'>): Promise<Message> {
    const message = await composeMessage(this.#deps.identity, verb, { ...(data as JsonObject), node_id: this.#self }, this.#wall());
    this.#floods.originate(verb, message);
    return message;
  }

  /** Signs and sends towards one node, without custody: for what is repeated anyway. False when there is no way. `group`: see `entrust`. */
  async send<N extends string, D extends object>(verb: Verb<N, D>, data: Omit<D, 'node_id'>, group?: string): Promise<boolean> {
    // A verb that names its origin in a member of its own has no `node_id`.
    const full = { ...(data as JsonObject), ...(verb.spec.origin ? {} : { node_id: this.#self }) };
    const message = await composeMessage(this.#deps.identity, verb, full, this.#wall());
    const [recipient] = recipientsOf(verb, full);
    return recipient !== undefined && this.#passing.pass(recipient, message, undefined, undefined, group);
  }

  /** Signs and sends towards all of its recipients, one copy per next hop. Nothing is kept or repeated. */
  async #utter(data: Omit<DataOf<typeof FLEETING>, 'node_id'>): Promise<void> {
    const message = await composeMessage(this.#deps.identity, FLEETING, { ...data, node_id: this.#self }, this.#wall());
    this.#passing.passSplit(recipientsOf(FLEETING, message.msg_data), message, undefined, undefined);
  }

  /**
   * Entrusts a message to the network: on disk, together with `alongside`, when it resolves; then carried until each recipient has it or
   * it expires. `delivery` events tell how it goes. `group`: the channel that it belongs to, or `FOR_OTHERS`. Errors: `quota`, and those of the store.
   */
  async entrust<N extends string, D extends object>(
    verb: Verb<N, D>,
    data: Omit<D, 'node_id'>,
    options: { msgId: string; recipients: readonly string[]; receipts: boolean; group?: string; alongside?: readonly StoreWrite[] },
  ): Promise<void> {
    // To nobody (the only member of a channel): there is nothing to send, and no verb allows an empty list.
    if (options.recipients.length === 0) return this.#deps.ports.store.commit(options.alongside ?? []);
    const message = await composeMessage(this.#deps.identity, verb, { ...(data as JsonObject), node_id: this.#self }, this.#wall());
    await this.#custody.entrust(verb, message, options, options.alongside ?? []);
  }

  /** Tells the origin that its message was read. */
  receipt(origin: string, msgId: string, state: ReceiptState): void {
    this.#reports.receipt(origin, this.#self, msgId, state);
  }

  /** See `Custody.handedOn`. */
  handedOn: Custody['handedOn'] = () => this.#custody.handedOn();

  /** Recipients for whom an own message is still under way. */
  pendingRecipients(msgId: string): readonly string[] {
    return this.#custody.pending(msgId)?.recipients ?? [];
  }

  /** See `HeldIndex.pending`. */
  pending: Custody['pending'] = (msgId) => this.#custody.pending(msgId);

  /** See `Custody.pendingIn`. */
  pendingIn: Custody['pendingIn'] = (group) => this.#custody.pendingIn(group);

  /** See `Custody.forOthers`. */
  forOthers: Custody['forOthers'] = () => this.#custody.forOthers();

  /** Stops sending an own message: it was deleted, or has expired. */
  withdraw: Custody['withdraw'] = (msgId) => this.#custody.withdraw(msgId);

  /** Stops sending a recipient the messages of a group: the recipient has left the channel. */
  abandon: Custody['abandon'] = (recipient, group) => this.#custody.abandon(recipient, group);

  /** Whether this node passes on others' messages. */
  get relays(): boolean {
    return this.#deps.relays;
  }

  reaches(nodeId: string): boolean {
    return nodeId === this.#self || this.#routes.reaches(nodeId);
  }

  /** See `Directions.knows`. */
  knows: Directions['knows'] = (nodeId) => this.#directions.knows(nodeId);

  /**
   * Whether a node is there, as `presence` told last: what is shown to users has to agree with it. Routes change a moment before, and may change
   * back within it; whoever was shown that would not hear that it is over.
   */
  shows(nodeId: string): boolean {
    return this.#attendance.shows(nodeId);
  }

  /** All ways to a node, best first. */
  paths(nodeId: string): Way[] {
    return this.#directions.ways.all(nodeId);
  }

  /** The measured latency and reliability of a neighbour. */
  measured(nodeId: string): Candidate | undefined {
    return this.#routes.direct(nodeId);
  }

  /** A newer record of a node is held: what waits for it may find its way. */
  learned(nodeId: string): void {
    this.#custody.present(nodeId);
    this.#passLate(nodeId);
  }

  destinations(): string[] {
    return this.#routes.destinations();
  }

  #receive(link: Link, verb: AnyVerb, message: Message, bytes: number): void {
    this.#deps.metrics.count('received', verb.name);
    if (message.ttl > MAX_TTL) message.ttl = MAX_TTL;
    switch (verb.spec.reach) {
      case 'link':
        this.#onLink(link, verb, message);
        return;
      case 'flood':
        this.#floods.receive(link, verb, message, bytes, (arrival) => this.#deliver(verb, arrival));
        return;
      case 'directed':
        this.#scope.run(this.#directed.receive(link, verb, message, bytes), (error) => this.#failed(error));
    }
  }

  #onLink(link: Link, verb: AnyVerb, message: Message): void {
    const data = message.msg_data as { node_id: string };
    if (data.node_id !== link.peer.nodeId) {
      this.#deps.links.offend(link, 'not-the-neighbour', 5);
      return;
    }
    if (verb.name === ACK.name) {
      const ack = data as DataOf<typeof ACK>;
      const recipients = ack.recipient?.map((entry) => entry.node_id);
      this.#custody.acknowledged(link.peer.nodeId, { msgIds: namedIn(ack), origin: ack.origin_id, recipients });
    } else if (verb.name === ROUTING.name) this.#exchange.receive(link, data as DataOf<typeof ROUTING>);
    else this.#deliver(verb, { data: message.msg_data, message, origin: link.peer.nodeId, from: link });
  }

  /** Hands over what needs neither custody nor an answer of the overlay. */
  #deliver(verb: AnyVerb, arrival: Arrival): void {
    const handler = this.#handlers.get(verb.name) as Handler<JsonObject> | undefined;
    const verdict = handler?.(arrival);
    const settle = (outcome: Verdict): void => {
      if (outcome.verdict !== 'accept') this.#deps.metrics.reject(outcome.reason);
    };
    if (verdict && isPromise(verdict)) this.#scope.run(verdict.then(settle), (error) => this.#failed(error));
    else if (verdict) settle(verdict);
  }

  #decide(verb: AnyVerb, arrival: Arrival): Awaitable<Verdict> {
    const handler = this.#handlers.get(verb.name) as Handler<JsonObject> | undefined;
    return handler ? handler(arrival) : { verdict: 'refuse', reason: 'unsupported' };
  }

  #onNack({ data: nack, message, origin, from }: Arrival<DataOf<typeof NACK>>): Verdict {
    this.events.emit('report', { message: message as unknown as JsonObject, msgIds: namedIn(nack), by: origin });
    const neighbour = origin === from.peer.nodeId ? origin : undefined;
    this.#custody.refused(namedIn(nack), nack.recipient && nodesIn(nack.recipient), nack.reason ?? 'no reason given', origin, neighbour);
    return ACCEPT;
  }

  #onReceipt({ data: receipt, message, origin }: Arrival<DataOf<typeof RECEIPT>>): Verdict {
    this.events.emit('report', { message: message as unknown as JsonObject, msgIds: namedIn(receipt), by: origin });
    this.#custody.receipted(namedIn(receipt), nodesIn(receipt.recipient), receipt.state, origin);
    return ACCEPT;
  }

  #prove(verb: AnyVerb, message: Message, check: OriginCheck): Awaitable<OriginProof> {
    const { ports, keys } = this.#deps;
    return proveOrigin({ crypto: ports.crypto, keys, reader: this.#reader }, verb, message, check, this.#wall());
  }

  /** Of a held message: we have it from our own disk, so that it can be read. */
  #proveBody(type: string, body: string): Awaitable<OriginFault | undefined> {
    const verb = this.#deps.verbs.get(type);
    // An earlier version of us knew the verb.
    if (!verb) return 'origin-unproved';
    return chain(this.#prove(verb, JSON.parse(body) as Message, 'taken'), ({ fault }) => fault);
  }

  #report(verb: typeof NACK | typeof RECEIPT, data: JsonObject): void {
    if (data.recipient_id === this.#self) return;
    this.#scope.run(
      this.send(verb as Verb<string, JsonObject>, data).then((sent) =>
        this.#deps.metrics.count('reports', `${verb.name} ${sent ? 'sent' : 'no way'}`),
      ),
      (error) => this.#failed(error),
    );
  }

  #up(link: Link): void {
    this.#attendance.met(link.peer.nodeId);
    this.#exchange.up(link);
    this.#directions.up(link);
    this.#custody.present(link.peer.nodeId);
    if (link.peer.nodeType === 'server') this.#custody.gatewayUp();
    this.#attendance.update(link.peer.nodeId);
    this.events.emit('neighbours', undefined);
  }

  #down(link: Link, replaced: boolean): void {
    // Copies on the way by the old link go again by the new one, which is up already.
    if (!replaced) {
      this.#exchange.down(link.peer.nodeId);
      this.#directions.down(link.peer.nodeId);
    }
    this.#custody.neighbourDown(link.peer.nodeId);
    this.#attendance.update(link.peer.nodeId);
    this.events.emit('neighbours', undefined);
  }

  #routesChanged(destinations: readonly string[]): void {
    for (const destination of destinations) {
      if (this.#attendance.saw(destination)) this.#custody.present(destination);
      this.#attendance.update(destination);
    }
  }

  #presenceChanged(nodeId: string, present: boolean): void {
    this.events.emit('presence', { nodeId, present });
    if (present) this.#passLate(nodeId);
  }

  /** What was to be reported to a node and found no way. */
  #passLate(nodeId: string): void {
    for (const { message, from } of this.#late.take(nodeId, this.#deps.ports.clock.monotonic()))
      this.#passing.pass(nodeId, message, from, undefined);
  }

  #failed(error: unknown): void {
    const failure = ParleyError.from(error);
    this.#deps.metrics.count('failures', failure.code);
    this.#deps.ports.log.error('a message could not be handled', { code: failure.code, error: failure.message });
  }

  #wall(): number {
    return this.#deps.ports.clock.now();
  }
}
