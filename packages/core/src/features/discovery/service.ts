import type { Identity, KeyBook } from '../../identity/index.ts';
import { backoffMs, isWildcard, type Links, networkOf, reachOf, splitAddress } from '../../link/index.ts';
import type { Multicast, Ports } from '../../ports/index.ts';
import { TokenBucket, TokenBuckets } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import { decodeAnnouncement, encodeAnnouncement, type Received } from './announcement.ts';
import type { DiscoveryConfig } from './config.ts';
import { addressToTry, announceDelay, dialDelay, type Stranger, Strangers } from './strangers.ts';

export interface DiscoveryDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly links: Links;
  readonly metrics: Metrics;
  readonly nodeType: 'client' | 'server';
}

/** Where this node takes links. */
interface Listening {
  readonly transport: string;
  readonly port: number;
  readonly multicast: Multicast;
}

/** What is remembered of senders, to count their packets. */
const SENDERS = 1024;
/** Who announced a short while ago need not answer a newcomer. */
const QUIET_MS = 5000;

/**
 * Finds the nodes of the local network, and is found by them, with nothing configured: announcements by multicast say where a key takes
 * links, and TLS proves the key. An announcement names no host but the one it comes from, so that nobody can have others dialled.
 */
export class Discovery {
  readonly #deps: DiscoveryDeps;
  readonly #config: DiscoveryConfig;
  readonly #scope: Scope;
  readonly #strangers: Strangers;
  readonly #senders = new TokenBuckets(SENDERS);
  readonly #total: TokenBucket;
  /** Node ids to which this side dialled because of an announcement. */
  readonly #dialled = new Set<string>();
  #dialling = 0;
  #listening: Listening | undefined;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #answering = false;

  constructor(deps: DiscoveryDeps, config: DiscoveryConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#strangers = new Strangers(config.capacity);
    this.#total = new TokenBucket(config.totalPerSecond, config.totalBurst, this.#now());
    this.#scope.add(deps.links.events.on('down', ({ link, replaced }) => this.#down(link.peer.nodeId, replaced)));
    deps.metrics.gauge('lan_nodes', () => this.#strangers.size);
  }

  /**
   * Begins, for a listener that is bound. False where that can be reached from this machine alone: it is nobody else's business, and
   * this node then keeps to itself. Errors: `unsupported`, `conflict`, those of the platform.
   */
  async start(transport: string, address: string): Promise<boolean> {
    const { ports } = this.#deps;
    if (!ports.multicast) throw new ParleyError('unsupported', 'the local network cannot be reached from here');
    if (this.#listening) throw new ParleyError('conflict', 'discovery runs already');
    const bound = splitAddress(address);
    if (!bound) throw new ParleyError('bad-argument', `not an address: ${address}`);
    if (!isWildcard(bound.host) && reachOf(bound.host) === 'loopback') return false;
    const multicast = await ports.multicast.join(this.#config.group, bound.host);
    if (this.#scope.closed) {
      await multicast.close();
      throw new ParleyError('aborted', 'closed');
    }
    this.#scope.add(() => multicast.close());
    multicast.onPacket((packet, from) => this.#receive(packet, from));
    this.#listening = { transport, port: bound.port, multicast };
    for (const ms of this.#config.firstMs) this.#scope.after(ms * (0.5 + ports.random.number()), () => this.#announce());
    const { announceMs, crowd } = this.#config;
    this.#scope.every(
      () => announceDelay(this.#strangers.size, { announceMs, crowd, random: ports.random.number() }),
      () => this.#announce(),
    );
    return true;
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  #announce(): void {
    const { ports, identity, nodeType, metrics } = this.#deps;
    const listening = this.#listening;
    if (!listening) return;
    this.#announcedAt = this.#now();
    const announcement = { nodeType, port: listening.port, time: ports.clock.now(), publicKey: identity.publicKey };
    const sent = encodeAnnouncement(announcement, (data) => identity.sign(data)).then((packet) => {
      if (this.#scope.closed) return;
      listening.multicast.send(packet);
      metrics.count('lan', 'announced');
    });
    this.#scope.run(sent, (error) => ports.log.error('could not announce this node', { error: String(error) }));
  }

  #receive(packet: Uint8Array, from: string): void {
    const { ports, identity, keys, links, metrics } = this.#deps;
    const said = decodeAnnouncement(packet);
    if (!said) {
      metrics.reject('lan-malformed');
      return;
    }
    const who = keys.of(said.publicKey);
    if (who.nodeId === identity.nodeId) return;
    const address = `${from.slice(0, from.lastIndexOf(':'))}:${said.port}`;
    // What is old news, or of somebody who is here already, costs no more than this.
    if (links.get(who.nodeId) || !this.#strangers.isNews(who.keyId, said.time, address)) return;
    if (Math.abs(said.time - ports.clock.now()) > this.#config.windowMs) {
      metrics.reject('lan-time');
      return;
    }
    if (!this.#admits(from)) {
      metrics.reject('lan-quota');
      return;
    }
    this.#scope.run(this.#check(said, who, address), (error) =>
      ports.log.error('an announcement could not be handled', { error: String(error) }),
    );
  }

  async #check(said: Received, who: { readonly keyId: string; readonly nodeId: string }, address: string): Promise<void> {
    const { ports, metrics } = this.#deps;
    if (!(await ports.crypto.verify(said.publicKey, said.signed, said.signature))) {
      metrics.reject('lan-signature');
      return;
    }
    if (this.#scope.closed || !this.#strangers.isNews(who.keyId, said.time, address)) return;
    const { stranger, isNew } = this.#strangers.heard(who, said.time, address);
    metrics.count('lan', isNew ? 'found' : 'heard');
    if (isNew) {
      ports.log.info('heard of a node on the local network', { node_id: who.nodeId, node_type: said.nodeType, address });
      this.#answer();
    }
    this.#plan(stranger);
  }

  /** A newcomer should not have to wait until it hears of us; in a crowd some answer for all. */
  #answer(): void {
    const { random } = this.#deps.ports;
    if (this.#answering || this.#now() - this.#announcedAt < QUIET_MS) return;
    if (random.number() > this.#config.crowd / this.#strangers.size) return;
    this.#answering = true;
    this.#scope.after(this.#config.dialWithinMs * random.number(), () => {
      this.#answering = false;
      this.#announce();
    });
  }

  #plan(stranger: Stranger): void {
    if (stranger.busy || this.#full) return;
    const { ports, identity } = this.#deps;
    stranger.busy = true;
    const at = { now: this.#now(), random: ports.random.number(), withinMs: this.#config.dialWithinMs };
    this.#scope.after(dialDelay(identity.nodeId, stranger, at), () => {
      const dial = this.#dial(stranger).finally(() => {
        stranger.busy = false;
      });
      this.#scope.run(dial, (error) => ports.log.error('a node could not be dialled', { error: String(error) }));
    });
  }

  async #dial(stranger: Stranger): Promise<void> {
    const { ports, links, metrics } = this.#deps;
    const address = addressToTry(stranger);
    // Meanwhile the other side may have come, or enough others.
    if (!this.#listening || address === undefined || links.get(stranger.nodeId) || this.#full) return;
    this.#dialling++;
    try {
      const link = await links.dial(this.#listening.transport, address, this.#scope.signal);
      if (link.peer.nodeId !== stranger.nodeId) throw new ParleyError('refused', 'another node answers there');
      this.#dialled.add(stranger.nodeId);
      stranger.failures = 0;
      metrics.count('lan', 'linked');
    } catch (thrown) {
      const error = ParleyError.from(thrown);
      if (error.code === 'already-open' || this.#scope.closed) return;
      const { retryMinMs, retryMaxMs } = this.#config;
      stranger.failures++;
      const backoff = { redialMinMs: retryMinMs, redialMaxMs: retryMaxMs };
      stranger.notBefore = this.#now() + backoffMs(stranger.failures, backoff, ports.random.number());
      metrics.count('lan', 'failed');
      ports.log.info('a node on the local network could not be reached', { address, code: error.code, error: error.message });
    } finally {
      this.#dialling--;
    }
  }

  #down(nodeId: string, replaced: boolean): void {
    if (!replaced) this.#dialled.delete(nodeId);
  }

  get #full(): boolean {
    return this.#dialled.size + this.#dialling >= this.#config.maxLinks;
  }

  #admits(from: string): boolean {
    const now = this.#now();
    return this.#senders.of(networkOf(from) ?? '', this.#config, now).take(now) && this.#total.take(now);
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
