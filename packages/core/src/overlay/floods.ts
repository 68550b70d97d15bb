import type { KeyBook } from '../identity/ids.ts';
import { type Link, type Links, networkOf } from '../link/index.ts';
import type { Ports } from '../ports/index.ts';
import { type Awaitable, chain, isPromise } from '../util/awaitable.ts';
import { ExpiringSet, TokenBuckets } from '../util/bounded.ts';
import type { Metrics } from '../util/metrics.ts';
import { type AuthFault, checkAuth } from '../wire/auth.ts';
import type { Message } from '../wire/message.ts';
import { type AnyVerb, originOf } from '../wire/verb.ts';
import type { Arrival } from './arrival.ts';
import { onward } from './body.ts';
import type { OverlayConfig } from './config.ts';
import { OriginQuotas } from './origin-quotas.ts';
import { type Bringer, type SeenFault, SeenFloods } from './seen-floods.ts';

export interface FloodDeps {
  readonly ports: Ports;
  readonly keys: KeyBook;
  readonly links: Links;
  readonly metrics: Metrics;
  readonly self: string;
  readonly relays: boolean;
  /** Whether a node was there within the last days. */
  readonly known: (nodeId: string) => boolean;
}

/** `bytes`: this neighbour has brought too much of unknown origins of late. */
type FloodFault = SeenFault | 'bytes';

const REFUSALS: Readonly<Record<FloodFault, string>> = {
  bytes: 'quota-unknown-bytes',
  full: 'seen-full',
  share: 'quota-link-floods',
  fresh: 'quota-unknown-origins',
};

/** Floods: on to every neighbour but the one it came from, once, and only after its signature was checked (DESIGN section 5; WIRE "auth"). */
export class Floods {
  readonly #deps: FloodDeps;
  readonly #seen: SeenFloods;
  /** Floods whose signature is being verified, by key and signature: resolves when all that came under these are done with. The next waits for it. */
  readonly #verifying = new Map<string, Promise<void>>();
  /** Floods that were seen and, for want of `ttl`, not passed on. */
  readonly #ended: ExpiringSet;
  readonly #origins: OriginQuotas;
  /** Bytes of unknown origins, by who brings them. */
  readonly #fresh = new TokenBuckets(10_000);
  readonly #freshRate: OverlayConfig['freshFloods'];

  constructor(deps: FloodDeps, config: OverlayConfig) {
    this.#deps = deps;
    this.#origins = new OriginQuotas(config.originRateScale);
    this.#freshRate = config.freshFloods;
    this.#ended = new ExpiringSet(config.seenMs, 10_000, deps.ports.clock.monotonic());
    this.#seen = new SeenFloods(
      { keepMs: config.seenMs, capacity: config.seenCapacity, share: config.seenShare, freshShare: config.seenFreshShare },
      deps.ports.clock.monotonic(),
    );
  }

  /** Floods remembered. */
  get seen(): number {
    return this.#seen.size;
  }

  /** A flood of our own. */
  originate(verb: AnyVerb, message: Message): void {
    this.#seen.addOwn(keyOf(verb, message), this.#now());
    this.#spread(verb, message, undefined);
  }

  /** `bytes`: how long the message is. */
  receive(link: Link, verb: AnyVerb, message: Message, bytes: number, deliver: (arrival: Arrival) => void): void {
    const key = keyOf(verb, message);
    // The signature is part of this name: a forgery under way must not hold the true one up.
    const name = key + (message.auth?.sig ?? '');
    const before = this.#verifying.get(name);
    // Not a duplicate yet: the other may have been altered, under the signature of the true one, or have come at the end of its way.
    // What a link said that has ended since, for forgeries perhaps, holds nobody up.
    const done = before
      ? before.then(() => (link.state === 'closed' ? undefined : this.#examine(key, link, verb, message, bytes, deliver)))
      : this.#examine(key, link, verb, message, bytes, deliver);
    if (!isPromise(done)) return;
    const settled = done
      .catch((error: unknown) => this.#deps.ports.log.error('a flood could not be verified', { error: String(error) }))
      .then(() => {
        if (this.#verifying.get(name) === settled) this.#verifying.delete(name);
      });
    this.#verifying.set(name, settled);
  }

  #examine(key: string, link: Link, verb: AnyVerb, message: Message, bytes: number, deliver: (arrival: Arrival) => void): Awaitable<void> {
    const { metrics, links, ports, keys } = this.#deps;
    const isSeen = this.#seen.has(key, this.#now());
    // One that came at the end of its way first, from whoever shortened it, goes on when it comes with some way left.
    const goesOn = isSeen && message.ttl > 1 && this.#ended.has(key, this.#now());
    if (isSeen && !goesOn) {
      metrics.count('duplicates', verb.name);
      link.refundQuota(verb);
      return;
    }
    const origin = originOf(verb, message.msg_data);
    if (!link.peer.relays && origin !== link.peer.nodeId) {
      links.offend(link, 'not-own-name', 5);
      return;
    }
    if (message.ttl <= 0) {
      metrics.reject('ttl');
      return;
    }
    // What could not be remembered is not worth a look at its signature; so it costs the link nothing that others' floods need.
    const refused = isSeen ? undefined : this.#fault(this.#bringer(link, origin), bytes);
    if (refused) {
      link.refundQuota(verb);
      metrics.reject(REFUSALS[refused]);
      return;
    }
    const arrival: Arrival = { data: message.msg_data, message, origin, from: link };
    const fault = checkAuth(ports.crypto, keys, verb, message, ports.clock.now());
    return chain(fault, (settled) => this.#checked(verb, arrival, key, settled, deliver));
  }

  #checked(verb: AnyVerb, arrival: Arrival, key: string, fault: AuthFault | undefined, deliver: (arrival: Arrival) => void): void {
    const { metrics, links } = this.#deps;
    const { from: link, message, origin } = arrival;
    if (fault) {
      // Clocks differ, and what is in time for one hop is late for the next: that is nobody's offence, or strangers could turn honest
      // relays against each other. A signature that does not fit the neighbour had to check itself.
      const isClock = fault === 'auth-stale' || fault === 'auth-future';
      if (isClock) link.refundQuota(verb);
      links.offend(link, fault, isClock ? 0 : 5);
      return;
    }
    link.refundQuota(verb);
    if (this.#seen.has(key, this.#now())) {
      metrics.count('duplicates', verb.name);
      if (message.ttl > 1 && this.#ended.delete(key)) this.#spread(verb, onward(message, this.#deps.self), link);
      return;
    }
    if (!this.#origins.take(verb, origin, this.#now())) {
      metrics.reject('quota-origin');
      return;
    }
    const refused = this.#seen.add(key, this.#bringer(link, origin), this.#now());
    if (refused) {
      metrics.reject(REFUSALS[refused]);
      return;
    }
    deliver(arrival);
    if (!this.#deps.relays) return;
    if (message.ttl > 1) this.#spread(verb, onward(message, this.#deps.self), link);
    else this.#ended.add(key, this.#now());
  }

  /** What goes on to everybody costs the more the more neighbours there are, and keys cost nothing: of unknown origins one neighbour may bring so much. */
  #fault(bringer: Bringer, bytes: number): FloodFault | undefined {
    const now = this.#now();
    const fault = this.#seen.fault(bringer, now);
    if (fault || !bringer.fresh) return fault;
    return this.#fresh.of(bringer.account, this.#freshRate, now).take(now, bytes) ? undefined : 'bytes';
  }

  #spread(verb: AnyVerb, message: Message, from: Link | undefined): void {
    const json = JSON.stringify(message);
    for (const link of this.#deps.links.all()) {
      if (link === from || link.peer.nodeId === from?.peer.nodeId) continue;
      if (link.send(json, verb.kind)) this.#deps.metrics.count('sent', message.msg_type);
    }
  }

  /** Neighbours are told apart by where they are, because keys cost nothing; on this machine by their keys. */
  #bringer({ peer, connection }: Link, origin: string): Bringer {
    const account = networkOf(connection.remoteAddress) ?? peer.keyId;
    return { account, fresh: origin !== peer.nodeId && !this.#deps.known(origin) };
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}

/** WIRE "Seen before": by key, verb and message id. */
function keyOf(verb: AnyVerb, message: Message): string {
  return `${message.auth?.key ?? ''} ${verb.name} ${(message.msg_data as { msg_id: string }).msg_id}`;
}
