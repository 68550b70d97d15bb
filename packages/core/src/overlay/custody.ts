import type { Ports } from '../ports/index.ts';
import type { StoreWrite } from '../ports/store.ts';
import type { Awaitable } from '../util/awaitable.ts';
import { hex, utf8ForNow } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { Emitter } from '../util/events.ts';
import { Scope } from '../util/scope.ts';
import type { Message } from '../wire/message.ts';
import type { OriginFault } from '../wire/origin.ts';
import type { AnyVerb } from '../wire/verb.ts';
import { bodyOf, dataJson } from './body.ts';
import { Carrier, type CarrierDeps, type CarrierOwner } from './carrier.ts';
import type { OverlayConfig } from './config.ts';
import { CustodyStore } from './custody-store.ts';
import { Doubts } from './doubts.ts';
import { type Held, HeldIndex, newHeld, type Waiting } from './held.ts';
import { HeldKeys } from './held-keys.ts';
import { Intake } from './intake.ts';
import type { Offer, Taken } from './offer.ts';
import { type Delivery, Outcomes } from './outcomes.ts';
import type { Reports } from './reports.ts';
import { Sweeper } from './sweeper.ts';
import { wayKey } from './ways.ts';

export interface CustodyDeps extends CarrierDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly relays: boolean;
  readonly reports: Reports;
  /** Whether a destination is known: present now, or seen within a week. */
  readonly known: (nodeId: string) => boolean;
  /** There is no way to a destination that somebody vouches for: its record should be looked up. */
  readonly seek: (nodeId: string) => void;
  /** Whether a destination is believed to be there: by ROUTING, or because it has signed so lately. */
  readonly isPresent: (nodeId: string) => boolean;
  /** Whether the origin is one whom the destination knows. */
  readonly favoured: (destination: string, origin: string) => boolean;
  /** Whether a held message is from its origin, by its body. */
  readonly prove: (type: string, body: string) => Awaitable<OriginFault | undefined>;
  /** Whether what proves a verb's origin leaves part of it open, so that anybody can make variants of it. */
  readonly loose: (type: string) => boolean;
}

const SWEEP_MS = 1000;
/** For so long a node that is about to end waits for ACKs, looking this often. */
const HAND_ON_MS = 3000;
const LOOK_MS = 50;
const TICK_MS = 500;

/** Messages for which this node answers, on disk until each recipient's part is done (WIRE "ACK, NACK, RECEIPT"). */
export class Custody implements CarrierOwner {
  readonly events = new Emitter<{ delivery: Delivery }>();
  readonly #deps: CustodyDeps;
  readonly #config: OverlayConfig;
  readonly #scope: Scope;
  readonly #disk: CustodyStore;
  readonly #index: HeldIndex;
  readonly #carrier: Carrier;
  readonly #sweeper: Sweeper;
  readonly #outcomes: Outcomes;
  readonly #doubts: Doubts;
  readonly #intake: Intake;
  readonly #keys: HeldKeys;

  constructor(deps: CustodyDeps, config: OverlayConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#disk = new CustodyStore(deps.ports.store, deps.ports.log, config.bodyCacheBytes);
    this.#index = new HeldIndex(config);
    this.#carrier = new Carrier(deps, config, this);
    const { clock, metrics, isPresent, reports } = deps;
    const index = this.#index;
    const carrier = this.#carrier;
    const forget = (waiting: Waiting): void => this.#forget(waiting);
    this.#outcomes = new Outcomes({ ...deps, index, carrier, events: this.events, forget });
    const outcomes = this.#outcomes;
    this.#sweeper = new Sweeper(
      {
        clock,
        metrics,
        isPresent,
        reports,
        index,
        carrier,
        expired: (waiting) => outcomes.expired(waiting),
        parked: (waiting) => this.parked(waiting),
        unreceipted: (waiting) => outcomes.unreceipted(waiting),
      },
      config,
    );
    this.#doubts = new Doubts({
      scope: this.#scope,
      log: deps.ports.log,
      body: (held) => this.body(held),
      prove: deps.prove,
      proved: (held) => this.#proved(held),
      forged: (held, fault) => {
        metrics.reject(fault);
        for (const waiting of [...held.waiting.values()]) this.#forget(waiting);
      },
    });
    this.#keys = new HeldKeys(deps.ports.clock);
    this.#intake = new Intake({
      ...deps,
      index,
      disk: this.#disk,
      carrier,
      keys: this.#keys,
      alive: (waiting) => this.alive(waiting),
      forget,
    });
    deps.metrics.gauge('custody_messages', () => this.#index.size);
    deps.metrics.gauge('custody_bytes', () => this.#index.bytes);
    deps.metrics.gauge('custody_recipients', () => this.#index.recipients);
    deps.metrics.gauge('custody_memory_bytes', () => this.#disk.kept);
    deps.metrics.gauge('custody_own', () => this.#index.ownSize);
  }

  /** Reads back what was held when the node last ran. */
  async start(): Promise<void> {
    const now = this.#now();
    for await (const { held, destinations } of this.#disk.all(this.#deps.self)) {
      if (this.#isOver(held, destinations)) {
        this.#disk.finished(held);
        continue;
      }
      const earlier = this.#index.get(held.uid);
      if (earlier) {
        // It came back just before the node ended, and its first row was not removed yet: one row for all of its recipients.
        for (const id of destinations) if (!earlier.waiting.has(id)) this.#restored(this.#index.addRecipient(earlier, id, now));
        this.#disk.progressed(earlier);
        this.#disk.finished(held);
        continue;
      }
      for (const waiting of this.#index.add(held, destinations, now)) this.#restored(waiting);
    }
    this.#scope.every(
      () => TICK_MS,
      () => this.#tick(),
    );
    this.#scope.every(
      () => SWEEP_MS,
      () => this.#sweeper.sweep(),
    );
  }

  /**
   * What was said under a key that this node had before is somebody else's by now. Who passes on nothing of others' says it no more, nor who would have
   * hidden it: it would go in the open.
   */
  #isOver({ own, favoured, from, type, group }: Held, destinations: readonly string[]): boolean {
    if (own || !favoured || from !== undefined) return false;
    return !this.#deps.relays || destinations.some((id) => this.#deps.circuits.hides(id, { type, channelId: group }));
  }

  async close(): Promise<void> {
    await this.#scope.close();
    await this.#disk.save();
  }

  /** It waits for its way, and its origin was told so in an earlier life; unless it was in transit, and is not proved yet. */
  #restored(waiting: Waiting): void {
    const { held } = waiting;
    waiting.state = 'parked';
    waiting.told = held.own || held.proved;
    if (!waiting.told) this.#doubts.add(held);
  }

  /** Same content (as `dataJson` gives it) under the same `auth`, same uid: what a stranger alters is another message. */
  uidOf(type: string, origin: string, data: string, auth: Message['auth']): string {
    // All of `auth`: a copy under another time or key would fail in the name of the true one.
    const signed = auth ? `${auth.key} ${auth.time} ${auth.sig}` : '';
    return hex(this.#deps.ports.crypto.sha256(utf8ForNow(`${type} ${origin} ${signed} ${data}`)).subarray(0, 16));
  }

  /** Resolves when no own message waits for an ACK, or none comes. */
  async handedOn(): Promise<void> {
    const until = this.#now() + HAND_ON_MS;
    const flies = (): boolean =>
      this.#index.destinations().some((id) => this.#index.for(id).some(({ held, state }) => held.own && state === 'queued'));
    while (flies() && this.#now() < until && !this.#scope.closed) {
      await new Promise<void>((resolve) => this.#scope.after(LOOK_MS, resolve));
    }
  }

  /** What is sent for others (`FOR_OTHERS`), in the order in which it came. */
  forOthers(): { msgId: string; recipients: string[]; bytes: number; receipts: boolean }[] {
    const held = [...this.#index.forOthers];
    return held.map(({ msgId, waiting, bytes, receipts }) => ({ msgId, recipients: [...waiting.keys()], bytes, receipts }));
  }

  /** Own messages of a group that wait for anybody, by id. */
  pendingIn = (group: string): string[] => this.#index.ownIn(group);

  /** See `HeldIndex.pending`. */
  pending: HeldIndex['pending'] = (msgId) => this.#index.pending(msgId);

  /**
   * Takes charge of an own message: on disk, together with `alongside`, when it resolves. Errors: `quota` when too many wait already,
   * and those of the store.
   */
  async entrust(
    verb: AnyVerb,
    message: Message,
    about: { msgId: string; recipients: readonly string[]; receipts: boolean; group?: string },
    alongside: readonly StoreWrite[],
  ): Promise<void> {
    const { store, clock } = this.#deps.ports;
    if (this.#index.ownSize >= this.#config.ownMessages) {
      throw new ParleyError('quota', `${this.#config.ownMessages} messages are waiting to be sent already`);
    }
    const { self } = this.#deps;
    const data = dataJson(verb, message.msg_data);
    const body = bodyOf(message, data);
    const uid = this.uidOf(verb.name, self, data, message.auth);
    const at = clock.now();
    const held = newHeld({
      uid,
      key: this.#keys.next(uid),
      type: verb.name,
      origin: self,
      msgId: about.msgId,
      bytes: body.length,
      at,
      own: true,
      receipts: about.receipts,
      favoured: true,
      group: about.group,
    });
    const waiting = this.#index.add(held, about.recipients, this.#now());
    this.#disk.keep(held, body);
    try {
      await store.commit([...alongside, ...this.#disk.put(held, body)]);
    } catch (error) {
      for (const entry of waiting) this.#forget(entry);
      throw error;
    }
    this.#disk.shed(held);
    this.#carrier.route(waiting);
    for (const { destination } of waiting) if (!this.#deps.routes.reaches(destination)) this.#deps.seek(destination);
  }

  /** Takes custody of somebody else's message: see `Intake.take`. */
  take(offer: Offer): Promise<Taken> {
    return this.#intake.take(offer);
  }

  acknowledged: Carrier['acknowledged'] = (neighbour, ack) => this.#carrier.acknowledged(neighbour, ack);

  neighbourDown(neighbour: string): void {
    this.#carrier.neighbourDown(neighbour);
  }

  /** See `Outcomes.refused`. */
  refused: Outcomes['refused'] = (...about) => this.#outcomes.refused(...about);

  /** See `Outcomes.receipted`. */
  receipted: Outcomes['receipted'] = (...about) => this.#outcomes.receipted(...about);

  /** A destination became reachable. */
  present(destination: string): void {
    const now = this.#now();
    const ready: Waiting[] = [];
    for (const waiting of this.#index.for(destination)) {
      if (waiting.state === 'parked') {
        waiting.tried.clear();
        ready.push(waiting);
      } else if (waiting.state === 'stored') {
        // Whoever stores it delivers it; if no RECEIPT comes, we send again.
        waiting.state = 'handed';
        waiting.since = now;
      }
    }
    this.#carrier.route(ready);
  }

  /** A server to which messages can be handed is there: what found no path before is tried again. */
  gatewayUp(): void {
    const parked = this.#index
      .destinations()
      .flatMap((id) => this.#index.for(id).filter((waiting) => waiting.state === 'parked' && waiting.held.own));
    for (const waiting of parked) waiting.tried.clear();
    this.#carrier.route(parked);
  }

  /** Ends all waiting for an own message that is no more. */
  withdraw(msgId: string): void {
    for (const waiting of [...(this.#index.own(msgId)?.waiting.values() ?? [])]) this.#forget(waiting);
  }

  /** Ends the wait for a recipient who has left a group: nobody is there to want the message. */
  abandon(recipient: string, group: string): void {
    for (const waiting of this.#index.for(recipient)) {
      if (waiting.held.own && waiting.held.group === group) this.#outcomes.end(waiting, { state: 'failed', reason: 'left' });
    }
  }

  alive(waiting: Waiting): boolean {
    return !waiting.over;
  }

  body(held: Held): string | undefined | Promise<string | undefined> {
    return this.#disk.body(held);
  }

  run(task: Promise<void>): void {
    this.#scope.run(task, (error) => this.#deps.ports.log.error('a held message cannot be sent', { error: String(error) }));
  }

  passed(waiting: Waiting, neighbour: string): void {
    const { held } = waiting;
    // That the last one who answered for it brought no RECEIPT is worth knowing until somebody does.
    if (waiting.trouble !== 'no receipt') waiting.trouble = undefined;
    if (held.own) this.#outcomes.sent(waiting, neighbour);
    if (held.own && held.receipts) {
      waiting.state = 'handed';
      waiting.since = this.#now();
      waiting.tried.add(wayKey({ neighbour, through: waiting.through }));
      return;
    }
    this.#intake.handedOn(waiting);
    this.#forget(waiting);
  }

  parked(waiting: Waiting): void {
    const { held, destination } = waiting;
    if (!held.own && !this.#deps.known(destination)) {
      // It was taken for the way that there was, and that is gone. Whoever wrote it has others.
      this.#deps.metrics.reject('no-route');
      this.#deps.reports.nack(held.origin, destination, held.msgId, 'no-route');
      this.#forget(waiting);
      return;
    }
    if (!this.#deps.routes.reaches(destination)) this.#deps.seek(destination);
    waiting.state = 'parked';
    if (!held.own && !held.proved) this.#doubts.add(held);
    waiting.retryAt = waiting.since + Math.min(this.#config.retryMaxMs, this.#config.retryMinMs * 2 ** Math.min(waiting.failures++, 10));
    this.#disk.shed(held);
    this.#outcomes.parked(waiting);
  }

  lost(waiting: Waiting): void {
    this.#outcomes.end(waiting, { state: 'failed', reason: 'lost from the disk' });
  }

  /** What was taken in transit is from its origin, and may stay. */
  #proved(held: Held): void {
    const variants = [...held.waiting.values()].filter((waiting) => this.#intake.isVariant(held, waiting.destination));
    this.#index.prove(held);
    for (const waiting of variants) {
      this.#deps.metrics.count('duplicates', held.type);
      this.#forget(waiting);
    }
  }

  #forget(waiting: Waiting): void {
    const { held } = waiting;
    this.#carrier.recall(waiting);
    if (!this.#index.remove(waiting)) {
      this.#disk.progressed(held);
      return;
    }
    this.#disk.finished(held);
  }

  #tick(): void {
    this.#carrier.checkAcks();
    if (this.#disk.isBehind) this.run(this.#disk.save());
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
