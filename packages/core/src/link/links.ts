import type { KeyBook } from '../identity/ids.ts';
import type { Ports } from '../ports/index.ts';
import type { Connection } from '../ports/transport.ts';
import { isPromise } from '../util/awaitable.ts';
import { ParleyError } from '../util/errors.ts';
import { Emitter } from '../util/events.ts';
import type { Metrics } from '../util/metrics.ts';
import { Scope } from '../util/scope.ts';
import type { Message } from '../wire/message.ts';
import { parseTimestamp } from '../wire/message.ts';
import type { DataOf, AnyVerb, VerbRegistry } from '../wire/verb.ts';
import type { LinkConfig } from './config.ts';
import { Link, type Peer } from './link.ts';
import { type Admission, type LocalNode, Opening } from './opening.ts';
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

export interface LinkDeps extends Admission {
  readonly ports: Ports;
  readonly local: LocalNode;
  readonly keys: KeyBook;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
}

interface Opened {
  readonly opening: Opening;
  readonly startedAt: number;
  readonly resolve: (link: Link) => void;
  readonly reject: (error: ParleyError) => void;
  readonly cancelTimeout: () => void;
}

/** How often silence is looked for. */
const TICK_MS = 2500;

/** The links of a node: opens them, keeps one with each neighbour, watches over them, and closes them. */
export class Links implements SessionOwner {
  readonly events: Emitter<LinkEvents>;
  readonly verbs: VerbRegistry;
  readonly reputation: Reputation;
  /** Receives every message of an open link but the link's own. Set once, by the overlay. */
  onMessage: (link: Link, verb: AnyVerb, message: Message) => void = () => {};
  readonly #deps: LinkDeps;
  readonly #config: LinkConfig;
  readonly #scope: Scope;
  readonly #links = new Map<string, Link>();
  readonly #opening = new Map<Session, Opened>();
  readonly #sessions = new Map<Link, Session>();
  readonly #perAddress = new Map<string, number>();
  readonly #transferHandlers = new Map<string, TransferHandler>();
  #serial = 0;

  constructor(deps: LinkDeps, config: LinkConfig) {
    this.#deps = deps;
    this.#config = config;
    this.verbs = deps.verbs;
    this.reputation = new Reputation(config);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
    this.#scope = new Scope(deps.ports.clock);
    this.#scope.every(() => TICK_MS, () => this.#tick());
    deps.metrics.gauge('links', () => this.#links.size);
    deps.metrics.gauge('links_opening', () => this.#opening.size);
    deps.metrics.gauge('queued_bytes', () => this.all().reduce((sum, link) => sum + link.connection.queued, 0));
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

  /** Listens on a transport. Returns the bound address. */
  async listen(transport: string, address: string): Promise<string> {
    const listener = await this.#transport(transport).listen(address, (connection) => {
      this.#open(connection).catch((error: unknown) => this.#deps.ports.log.debug('no link', { error: ParleyError.from(error).message }));
    });
    this.#scope.add(() => listener.close());
    return listener.address;
  }

  /** One attempt at a link. Errors: `unreachable`, `timeout`, `refused`, `banned`, `aborted`, `bad-certificate`. */
  async dial(transport: string, address: string, signal: AbortSignal = this.#scope.signal): Promise<Link> {
    const connection = await this.#transport(transport).dial(address, signal);
    return this.#open(connection);
  }

  /** Counts an offence of a neighbour; at the threshold its key is banned and the link ends. */
  offend(link: Link, reason: string, weight: number): void {
    this.#deps.metrics.reject(reason);
    if (weight > 0 && this.reputation.offend(link.peer.keyId, weight, this.now())) this.close(link, 'banned');
  }

  /** Ends a link, saying why. */
  close(link: Link, reason: string): void {
    if (link.closing) return;
    link.say(BYE, { reason });
    this.#down(link, reason);
    link.connection.close();
  }

  async shutdown(): Promise<void> {
    for (const link of this.all()) this.close(link, 'going away');
    for (const session of this.#opening.keys()) session.connection.destroy();
    await this.#scope.close();
    for (const session of this.#sessions.values()) session.connection.destroy();
  }

  #transport(name: string) {
    const transport = this.#deps.ports.transports.find((candidate) => candidate.name === name);
    if (!transport) throw new ParleyError('unsupported', `no transport named ${name}`);
    return transport;
  }

  #open(connection: Connection): Promise<Link> {
    const session = new Session(connection, this);
    const refusal = this.#refuse(connection);
    if (refusal) {
      this.#deps.metrics.reject(refusal);
      connection.destroy();
      return Promise.reject(new ParleyError('quota', `refused: ${refusal}`));
    }
    const host = hostOf(connection.remoteAddress);
    this.#perAddress.set(host, (this.#perAddress.get(host) ?? 0) + 1);
    const opening = new Opening(this.#deps.local, connection, this.#deps.ports, this.#deps.keys, this.#deps);
    return new Promise<Link>((resolve, reject) => {
      const timer = this.#scope.after(this.#config.openingTimeoutMs, () => {
        this.#fail(session, new ParleyError('timeout', 'the other side did not say HELLO in time'));
      });
      this.#opening.set(session, { opening, startedAt: this.now(), resolve, reject, cancelTimeout: () => timer.cancel() });
      session.start();
      this.#say(connection, HELLO, opening.ourHello());
    });
  }

  #refuse(connection: Connection): string | undefined {
    if (this.#scope.closed) return 'closing';
    if (this.#links.size >= this.#config.maxLinks) return 'links-full';
    if (this.#opening.size >= this.#config.maxOpening) return 'opening-full';
    const host = hostOf(connection.remoteAddress);
    if (!isLoopback(host) && (this.#perAddress.get(host) ?? 0) >= this.#config.maxPerAddress) return 'address-quota';
    return undefined;
  }

  #say(connection: Connection, verb: AnyVerb, data: object): void {
    connection.send(JSON.stringify({ ttl: 1, flood: false, msg_type: verb.name, msg_data: data }));
  }

  message(session: Session, verb: AnyVerb, message: Message): void {
    const link = session.link;
    const data = message.msg_data as never;
    switch (verb.name) {
      case HELLO.name:
        this.#hello(session, data);
        return;
      case PROOF.name:
        this.#proof(session, data);
        return;
      case BYE.name: {
        const reason = (data as DataOf<typeof BYE>).reason;
        if (link) this.#down(link, `other side: ${reason}`);
        else this.#fail(session, new ParleyError('refused', `the other side refused: ${reason}`));
        session.connection.close();
        return;
      }
      case TRANSFER_OPEN.name:
        link?.transfers.onOpen(data);
        return;
      case TRANSFER_CREDIT.name:
        link?.transfers.onCredit(data);
        return;
      case TRANSFER_CLOSE.name:
        link?.transfers.onClose(data);
        return;
    }
    if (link) this.onMessage(link, verb, message);
  }

  #hello(session: Session, hello: DataOf<typeof HELLO>): void {
    const entry = this.#opening.get(session);
    if (!entry) return;
    const fail = (error: unknown): void => this.#fail(session, ParleyError.from(error, 'refused'));
    try {
      const proved = entry.opening.takeHello(hello);
      if (!isPromise(proved)) {
        this.#identified(session, entry, proved);
        return;
      }
      session.hold();
      this.#scope.run(proved.then((settled) => this.#identified(session, entry, settled)).catch(fail), fail);
    } catch (error) {
      fail(error);
    }
  }

  /** The HELLO fits its key; whether that key is welcome, and whether it still has to be proved. */
  #identified(session: Session, entry: Opened, proved: boolean): void {
    const peer = entry.opening.peer as Peer;
    const refusal = this.#judge(peer);
    if (refusal) throw new ParleyError(refusal === 'banned' ? 'banned' : 'refused', refusal);
    if (proved) {
      this.#established(session, entry, peer);
      return;
    }
    const proof = entry.opening.ourProof();
    const send = (data: object): void => this.#say(session.connection, PROOF, data);
    if (isPromise(proof)) this.#scope.run(proof.then(send), (error) => this.#fail(session, ParleyError.from(error)));
    else send(proof);
  }

  #proof(session: Session, data: DataOf<typeof PROOF>): void {
    const entry = this.#opening.get(session);
    const peer = entry?.opening.peer;
    if (!entry || !peer || !entry.opening.needsProof) {
      this.rejected(session, 'proof-unexpected', 5, undefined);
      return;
    }
    const settle = (fits: boolean): void => {
      if (fits) this.#established(session, entry, peer);
      else this.#fail(session, new ParleyError('bad-signature', 'the proof of the key does not fit'));
    };
    const fits = entry.opening.checkProof(data.sig);
    if (!isPromise(fits)) {
      settle(fits);
      return;
    }
    session.hold();
    this.#scope.run(fits.then(settle), (error) => this.#fail(session, ParleyError.from(error)));
  }

  #judge(peer: Peer): string | undefined {
    if (peer.nodeId === this.#deps.local.identity.nodeId) return 'this is the same node';
    return this.reputation.isBanned(peer.keyId, this.now()) ? 'banned' : undefined;
  }

  #established(session: Session, entry: Opened, peer: Peer): void {
    if (!this.#opening.delete(session)) return;
    entry.cancelTimeout();
    const { connection } = session;
    const now = this.now();
    const link: Link = new Link({
      peer,
      connection,
      serial: this.#serial++,
      seenAddress: entry.opening.hello?.seen_address,
      latencyMs: now - entry.startedAt,
      config: this.#config,
      metrics: this.#deps.metrics,
      now: () => this.now(),
      overflow: (full) => this.#overflow(full),
      transfers: new Transfers({
        connection,
        config: this.#config,
        handlers: this.#transferHandlers,
        say: (verb, data) => link.say(verb, data),
        offend: (reason) => this.offend(link, reason, 5),
      }),
    });
    const rival = this.#links.get(peer.nodeId);
    if (rival && !this.#wins(link, rival)) {
      entry.reject(new ParleyError('already-open', 'another link with this neighbour stands', { data: { nodeId: peer.nodeId } }));
      link.stop();
      connection.close();
      return;
    }
    this.#sessions.set(link, session);
    this.#links.set(peer.nodeId, link);
    if (rival) {
      this.#down(rival, 'replaced', true);
      rival.connection.close();
    }
    this.#deps.metrics.count('links_opened', connection.transport);
    this.events.emit('up', link);
    this.#compareClocks(link, entry.opening.hello?.time);
    entry.resolve(link);
    session.opened(link);
  }

  /** Of two links between one pair the one dialled by the lower id stays; dialled by the same side, the newer (WIRE "Opening a link"). */
  #wins(candidate: Link, rival: Link): boolean {
    if (candidate.connection.dialled === rival.connection.dialled) return true;
    const weAreLower = this.#deps.local.identity.nodeId < candidate.peer.nodeId;
    return candidate.connection.dialled === weAreLower;
  }

  #compareClocks(link: Link, time: string | undefined): void {
    const theirs = time === undefined ? undefined : parseTimestamp(time);
    if (theirs === undefined) return;
    const ms = theirs - this.#deps.ports.clock.now();
    if (Math.abs(ms) > 60_000) this.events.emit('skew', { link, ms });
  }

  rejected(session: Session, reason: string, weight: number, detail: string | undefined): void {
    const { link } = session;
    this.#deps.ports.log.debug('rejected', { reason, detail, peer: link?.peer.nodeId });
    if (link) {
      this.offend(link, reason, weight);
      return;
    }
    this.#deps.metrics.reject(reason);
    if (weight > 0) this.#fail(session, new ParleyError('bad-message', `rejected while opening: ${reason}`));
  }

  keepAlive(link: Link): void {
    // Answered without a timer, so that a hidden tab stays alive; not when we spoke lately, or two nodes would never stop.
    if (this.now() - link.lastSent >= this.#config.keepAliveMs / 2) this.#beat(link);
  }

  pause(link: Link, ms: number): void {
    this.#deps.metrics.count('paced');
    link.pauseFor(this.#scope.after(Math.min(ms, 5000), () => link.resume()));
  }

  closed(session: Session, error: ParleyError | undefined): void {
    const host = hostOf(session.connection.remoteAddress);
    const count = (this.#perAddress.get(host) ?? 1) - 1;
    if (count > 0) this.#perAddress.set(host, count);
    else this.#perAddress.delete(host);
    if (this.#opening.has(session)) this.#fail(session, error ?? new ParleyError('closed', 'the other side closed the connection before the link was open'));
    const { link } = session;
    if (!link) return;
    this.#sessions.delete(link);
    if (!link.closing) this.#down(link, error?.message ?? 'closed by the other side');
  }

  #fail(session: Session, error: ParleyError): void {
    const entry = this.#opening.get(session);
    if (!entry) return;
    this.#opening.delete(session);
    entry.cancelTimeout();
    this.#deps.metrics.count('links_failed', error.code);
    if (error.code === 'refused' || error.code === 'banned' || error.code === 'bad-certificate') {
      this.#say(session.connection, BYE, { reason: error.message.slice(0, 128) });
    }
    session.connection.close();
    this.events.emit('failed', { address: session.connection.remoteAddress, error });
    entry.reject(error);
  }

  #overflow(link: Link): void {
    this.#deps.metrics.reject('queue-overflow');
    this.#down(link, 'its queue overflowed');
    link.connection.destroy();
  }

  #down(link: Link, reason: string, replaced = false): void {
    if (link.closing) return;
    link.stop();
    if (this.#links.get(link.peer.nodeId) === link) this.#links.delete(link.peer.nodeId);
    link.transfers.closeAll(reason);
    this.#deps.metrics.count('links_closed');
    this.events.emit('down', { link, reason, replaced });
  }

  #beat(link: Link): void {
    link.lastSent = this.now();
    link.connection.keepAlive();
  }

  #tick(): void {
    const now = this.now();
    for (const link of this.all()) {
      // While we do not read, silence is ours.
      if (!link.paused && now - link.lastReceived >= this.#config.deadMs) {
        this.#down(link, 'silent for too long');
        link.connection.destroy();
      } else if (now - link.lastSent >= this.#config.keepAliveMs) {
        this.#beat(link);
      }
    }
  }
}

export function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

function isLoopback(host: string): boolean {
  return host === '[::1]' || host === 'localhost' || /^127\./.test(host) || host === '[::ffff:127.0.0.1]';
}
