import type { KeyBook } from '../identity/ids.ts';
import type { Ports } from '../ports/index.ts';
import type { Connection } from '../ports/transport.ts';
import { ParleyError } from '../util/errors.ts';
import { Emitter } from '../util/events.ts';
import type { Metrics } from '../util/metrics.ts';
import { Scope } from '../util/scope.ts';
import { type Message, parseTimestamp } from '../wire/message.ts';
import type { AnyVerb, DataOf, VerbRegistry } from '../wire/verb.ts';
import { AddressQuota } from './addresses.ts';
import type { LinkConfig } from './config.ts';
import { Connector } from './connector.ts';
import { Link, type LinkOwner } from './link.ts';
import type { Admission, LocalNode } from './opening.ts';
import { type Opened, Openings } from './openings.ts';
import { Queues } from './queues.ts';
import { plainReason } from './reason.ts';
import { Reputation } from './reputation.ts';
import { Session, type SessionOwner } from './session.ts';
import { type TransferHandler, Transfers } from './transfers.ts';
import { BYE, HELLO, PROOF, TRANSFER_CLOSE, TRANSFER_CREDIT, TRANSFER_OPEN } from './verbs.ts';

export interface LinkEvents {
  up: Link;
  /** `replaced`: another link with the same neighbour stands. */
  down: { readonly link: Link; readonly reason: string; readonly replaced: boolean };
  /** A connection that never became a link. */
  failed: { readonly address: string; readonly error: ParleyError };
  /** The neighbour's clock differs from ours by so much. */
  skew: { readonly link: Link; readonly ms: number };
}

/** Sees what goes over open links: the name of a verb, and whether the neighbour sent it. */
export type Tap = (link: Link, verb: string, incoming: boolean) => void;

export interface LinkDeps extends Admission {
  readonly ports: Ports;
  readonly local: LocalNode;
  readonly keys: KeyBook;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
}

/** How often silence is looked for. */
const TICK_MS = 2500;
/** How long the other side of a link that we ended has at least to take what we said last. */
const PARTING_MS = 5000;
/** The same when this node ends. */
const SHUTDOWN_MS = 1000;
/** A difference of clocks that a user should hear of. */
const SKEW_MS = 60_000;
/** The longest that we stop reading at a time. */
const MAX_PAUSE_MS = 5000;

/** The links of a node: opens them, keeps one with each neighbour, watches over them, and closes them. */
export class Links implements SessionOwner {
  readonly events: Emitter<LinkEvents>;
  readonly verbs: VerbRegistry;
  readonly reputation: Reputation;
  /** Receives every message of an open link but the link's own. Set once, by the overlay. */
  onMessage: (link: Link, verb: AnyVerb, message: Message, bytes: number) => void = () => {};
  /** For whoever draws the traffic. Costs nothing while it is unset. */
  tap: Tap | undefined;
  readonly #deps: LinkDeps;
  readonly #config: LinkConfig;
  readonly #scope: Scope;
  readonly #connector: Connector;
  readonly #openings: Openings;
  readonly #addresses: AddressQuota;
  readonly #links = new Map<string, Link>();
  /** Every connection that has not ended. */
  readonly #sessions = new Set<Session>();
  /** Connections that we have ended, and by when the other side is to have taken what it was told: one that does not read would stay for ever. */
  readonly #parting = new Map<Connection, number>();
  readonly #transferHandlers = new Map<string, TransferHandler>();
  readonly #owner: LinkOwner;
  #allEnded: (() => void) | undefined;

  constructor(deps: LinkDeps, config: LinkConfig) {
    this.#deps = deps;
    this.#config = config;
    this.verbs = deps.verbs;
    this.reputation = new Reputation(config);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
    this.#scope = new Scope(deps.ports.clock);
    const queues = new Queues(
      config.maxAllQueuedBytes,
      () => this.all(),
      (link) => this.#overflow(link),
    );
    this.#owner = {
      config,
      metrics: deps.metrics,
      now: () => this.now(),
      overflow: (link) => this.#overflow(link),
      sent: (link, json) => {
        queues.add(json.length);
        this.tap?.(link, (JSON.parse(json) as Message).msg_type, false);
      },
      transfersOf: (link) => this.#transfersOf(link),
    };
    this.#connector = new Connector({ transports: deps.ports.transports, scope: this.#scope, dialTimeoutMs: config.dialTimeoutMs });
    this.#addresses = new AddressQuota(config.maxPerAddress);
    this.#openings = new Openings(
      {
        ...deps,
        scope: this.#scope,
        isBanned: (keyId) => this.reputation.isBanned(keyId, this.now()),
        established: (session, opened) => this.#established(session, opened),
        failed: (session, error) => this.events.emit('failed', { address: session.connection.remoteAddress, error }),
      },
      config,
    );
    this.#scope.every(
      () => TICK_MS,
      () => this.#tick(),
    );
    deps.metrics.gauge('links', () => this.#links.size);
    deps.metrics.gauge('links_opening', () => this.#openings.size);
    deps.metrics.gauge('queued_bytes', () => queues.bytes);
  }

  get local(): LocalNode {
    return this.#deps.local;
  }

  get size(): number {
    return this.#links.size;
  }

  all(): Link[] {
    return [...this.#links.values()];
  }

  get(nodeId: string): Link | undefined {
    return this.#links.get(nodeId);
  }

  now(): number {
    return this.#deps.ports.clock.monotonic();
  }

  /** Declares what takes incoming transfers of a kind. */
  handleTransfers(kind: string, handler: TransferHandler): void {
    this.#transferHandlers.set(kind, handler);
  }

  /** Listens on a transport. Returns the bound address. Errors: `in-use`, `unsupported`, `aborted`. */
  listen(transport: string, address: string): Promise<string> {
    return this.#connector.listen(transport, address, (connection) => {
      this.#open(connection).catch((error: unknown) => this.#deps.ports.log.debug('no link', { error: ParleyError.from(error).message }));
    });
  }

  /**
   * One attempt at a link. Errors: `unreachable`, `timeout`, `refused`, `banned`, `aborted`, `quota`, `bad-certificate`, `bad-signature`;
   * `already-open`, with the neighbour in `data.nodeId`, where another link stands.
   */
  dial(transport: string, address: string, signal: AbortSignal = this.#scope.signal): Promise<Link> {
    return this.#connector.dial(transport, address, signal, (connection, aborted) => this.#open(connection, aborted, address));
  }

  /** Makes a link of a connection that was opened elsewhere. Errors: those of `dial`. */
  adopt(connection: Connection, signal: AbortSignal = this.#scope.signal): Promise<Link> {
    return this.#open(connection, signal);
  }

  /** Counts an offence of a neighbour; at the threshold its key is banned and the link ends. */
  offend(link: Link, reason: string, weight: number): void {
    this.#deps.metrics.reject(reason);
    if (weight === 0 || !this.reputation.offend(link.peer.keyId, weight, this.now())) return;
    this.close(link, 'banned');
    const standing = this.#links.get(link.peer.nodeId);
    if (standing) this.close(standing, 'banned');
  }

  /** Charges a link for work that what it sent made for nothing: so much less is read from it. `units`: see `LinkConfig.clientRate`. */
  charge(link: Link, units: number): void {
    this.rest(link, link.pace((units - 1) * 4096));
  }

  /** Reads nothing of a link for so many milliseconds, unless it is not read already. */
  rest(link: Link, ms: number): void {
    if (ms <= 0 || link.paused || link.state === 'closed') return;
    this.#deps.metrics.count('paced');
    link.pauseFor(this.#scope.after(Math.min(ms, MAX_PAUSE_MS), () => link.resume()));
  }

  /** Ends a link, saying why. */
  close(link: Link, reason: string): void {
    if (link.state === 'closed') return;
    link.say(BYE, { reason: plainReason(reason, 128) });
    this.#down(link, reason);
    this.#part(link.connection);
  }

  /**
   * Says goodbye to all neighbours and waits until they have heard: a second at most for both. Where it takes longer, for thousands of links or on
   * a machine that is busy, the end of the connection has to tell the rest.
   */
  async shutdown(): Promise<void> {
    const until = this.now() + SHUTDOWN_MS;
    for (const link of this.all()) if (this.now() < until) this.close(link, 'going away');
    this.#openings.failAll(new ParleyError('aborted', 'closed'));
    await this.#scope.close();
    for (const link of this.all()) this.#cut(link, 'going away');
    if (this.#sessions.size > 0) {
      await new Promise<void>((resolve) => {
        const timer = this.#deps.ports.clock.after(Math.max(0, until - this.now()), resolve);
        this.#allEnded = () => {
          timer.cancel();
          resolve();
        };
      });
    }
    for (const session of this.#sessions) session.connection.destroy();
  }

  message(session: Session, verb: AnyVerb, message: Message, bytes: number): void {
    const { link } = session;
    const data = message.msg_data as never;
    if (verb.spec.opening) this.#deps.metrics.count('received', verb.name);
    switch (verb.name) {
      case HELLO.name:
        this.#openings.hello(session, data);
        return;
      case PROOF.name:
        if (!this.#openings.proof(session, data)) this.rejected(session, 'proof-unexpected', 5, undefined);
        return;
      case BYE.name:
        this.#goodbye(session, (data as DataOf<typeof BYE>).reason);
        return;
    }
    if (!link) return;
    this.tap?.(link, verb.name, true);
    if (link.state === 'retired') {
      // What concerns the link alone is said anew on the one that stands.
      if (verb.spec.reach !== 'link') this.onMessage(link, verb, message, bytes);
    } else if (verb === TRANSFER_OPEN) link.transfers.onOpen(data);
    else if (verb === TRANSFER_CREDIT) link.transfers.onCredit(data);
    else if (verb === TRANSFER_CLOSE) link.transfers.onClose(data);
    else this.onMessage(link, verb, message, bytes);
  }

  rejected(session: Session, reason: string, weight: number, detail: string | undefined): void {
    const { link } = session;
    this.#deps.ports.log.debug('rejected', { reason, detail, peer: link?.peer.nodeId });
    if (link) {
      this.offend(link, reason, weight);
      return;
    }
    this.#deps.metrics.reject(reason);
    if (weight > 0) this.#openings.fail(session, new ParleyError('bad-message', `rejected while opening: ${reason}`));
  }

  keepAlive(link: Link): void {
    // Answered without a timer, so that a hidden tab stays alive; not when we spoke lately, or two nodes would never stop.
    if (!link.closing && this.now() - link.lastSent >= this.#config.keepAliveMs / 2) this.#beat(link);
  }

  closed(session: Session, error: ParleyError | undefined): void {
    if (!this.#sessions.delete(session)) return;
    this.#parting.delete(session.connection);
    this.#addresses.leave(session.connection.remoteAddress);
    if (session.link) this.#down(session.link, error?.message ?? 'closed by the other side');
    else this.#openings.fail(session, error ?? new ParleyError('closed', 'the other side closed the connection before the link was open'));
    if (this.#sessions.size === 0) this.#allEnded?.();
  }

  async #open(connection: Connection, signal?: AbortSignal, dialledTo?: string): Promise<Link> {
    const refusal = this.#refuse(connection);
    if (refusal !== undefined) {
      this.#deps.metrics.reject(refusal);
      connection.destroy();
      throw new ParleyError('quota', `refused: ${refusal}`);
    }
    const session = new Session(connection, this, dialledTo);
    this.#sessions.add(session);
    this.#addresses.enter(connection.remoteAddress);
    return this.#openings.begin(session, signal);
  }

  #refuse(connection: Connection): string | undefined {
    if (this.#scope.closed) return 'closing';
    // What we dial ourselves is bounded where that is decided: strangers who fill our places do not keep us from it.
    if (!connection.dialled && this.#links.size >= this.#config.maxLinks) return 'links-full';
    if (!connection.dialled && this.#openings.size >= this.#config.maxOpening) return 'opening-full';
    return this.#addresses.admits(connection.remoteAddress) ? undefined : 'address-quota';
  }

  #established(session: Session, { peer, hello, dial, tookMs, resolve, reject }: Opened): void {
    const { connection } = session;
    const { dialledTo } = session;
    const link = new Link(this.#owner, { peer, connection, dial, dialledTo, seenAddress: hello.seen_address, latencyMs: tookMs });
    session.opened(link);
    const rival = this.#links.get(peer.nodeId);
    if (rival && !this.#wins(link, rival)) {
      this.#deps.metrics.count('links_failed', 'already-open');
      this.#retire(link);
      reject(new ParleyError('already-open', 'another link with this neighbour stands', { data: { nodeId: peer.nodeId } }));
      return;
    }
    this.#links.set(peer.nodeId, link);
    if (rival) {
      this.#retire(rival);
      this.#gone(rival, 'replaced', true);
    }
    this.#deps.metrics.count('links_opened', connection.transport);
    this.events.emit('up', link);
    this.#compareClocks(link, hello.time);
    resolve(link);
  }

  #transfersOf(link: Link): Transfers {
    return new Transfers({
      peer: link.peer.nodeId,
      connection: link.connection,
      config: this.#config,
      handlers: this.#transferHandlers,
      log: this.#deps.ports.log,
      say: (verb, data) => link.say(verb, data),
      offend: (reason, weight) => this.offend(link, reason, weight),
    });
  }

  /**
   * Of two links between one pair the one dialled by the lower id stays; dialled by the same side, the newer (WIRE "Opening a link"). Which that
   * is the dialler says: handshakes may end in another order at each end, and each would give up what the other keeps. A dial of another run
   * is older than any that comes now, and so is all that does not say.
   */
  #wins(candidate: Link, rival: Link): boolean {
    if (candidate.connection.dialled === rival.connection.dialled) {
      const [ours, theirs] = [candidate.dial, rival.dial];
      return !ours || !theirs || ours.run !== theirs.run || ours.count >= theirs.count;
    }
    const weAreLower = this.#deps.local.identity.nodeId < candidate.peer.nodeId;
    return candidate.connection.dialled === weAreLower;
  }

  /**
   * Another link with the neighbour stands: this one says no more, but what the neighbour said on it before it knew is still taken. It
   * ends when the neighbour says BYE too, or after a while.
   */
  #retire(link: Link): void {
    link.flush(true);
    link.say(BYE, { reason: 'replaced' });
    link.retire();
    this.#scope.after(PARTING_MS, () => {
      link.stop();
      this.#part(link.connection);
    });
  }

  #goodbye(session: Session, reason: string): void {
    const { link, connection } = session;
    if (!link) {
      this.#openings.fail(session, new ParleyError('refused', `the other side refused: ${reason}`));
      return;
    }
    this.#down(link, `other side: ${reason}`);
    this.#part(connection);
  }

  #compareClocks(link: Link, time: string | undefined): void {
    const theirs = time === undefined ? undefined : parseTimestamp(time);
    if (theirs === undefined) return;
    const ms = theirs - this.#deps.ports.clock.now();
    if (Math.abs(ms) > SKEW_MS) this.events.emit('skew', { link, ms });
  }

  #overflow(link: Link): void {
    this.#deps.metrics.reject('queue-overflow');
    this.#cut(link, 'its queue overflowed');
  }

  /** The link ends, and its connection with it, without a word. */
  #cut(link: Link, reason: string): void {
    this.#down(link, reason);
    link.connection.destroy();
  }

  /** The link ends. What it was told is not heard any more. */
  #down(link: Link, reason: string): void {
    const { state } = link;
    link.stop();
    if (state === 'open') this.#gone(link, reason, false);
  }

  #gone(link: Link, reason: string, replaced: boolean): void {
    if (this.#links.get(link.peer.nodeId) === link) this.#links.delete(link.peer.nodeId);
    link.endTransfers(`the link ended: ${reason}`);
    this.#deps.metrics.count('links_closed');
    this.events.emit('down', { link, reason, replaced });
  }

  /** Ends a connection once the other side has taken what it was told. */
  #part(connection: Connection): void {
    this.#parting.set(connection, this.now() + PARTING_MS);
    connection.close();
  }

  #beat(link: Link): void {
    link.lastSent = this.now();
    link.connection.keepAlive();
  }

  #tick(): void {
    const now = this.now();
    for (const link of this.#links.values()) {
      // While we do not read, silence is ours.
      if (!link.paused && now - link.lastReceived >= this.#config.deadMs) {
        this.#cut(link, 'silent for too long');
      } else if (now - link.lastSent >= this.#config.keepAliveMs) {
        this.#beat(link);
      }
      // Transports tell of room only once a queue was long: whoever waits below that is woken here.
      link.drained();
    }
    for (const [connection, until] of this.#parting) {
      if (now < until) break;
      this.#parting.delete(connection);
      connection.destroy();
    }
  }
}
