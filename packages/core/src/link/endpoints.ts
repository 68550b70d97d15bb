import { LruMap } from '../util/bounded.ts';
import { ParleyError } from '../util/errors.ts';
import { Emitter } from '../util/events.ts';
import { isNumeric, isWildcard, networkOf, reachOf, splitAddress } from './addresses.ts';
import type { Link } from './link.ts';

/** A record names at most so many. */
export const MAX_ENDPOINTS = 8;
/** Of what so many networks say of our address, the latest counts. */
const MAX_WITNESSES = 64;
/** What a neighbour says of its listeners, beyond which nothing is read. */
const MAX_LISTENS = 4;
const MAX_ENDPOINT_LENGTH = 128;

/** Where a node can be reached: `tls:203.0.113.5:4717`, `udp:[2001:db8::5]:4717`, `wss:chat.example.org`. */
export interface Endpoint {
  readonly scheme: string;
  /** `HOST:PORT`; for `wss` the port may be missing. */
  readonly address: string;
}

/** Undefined for what is no endpoint. */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (text.length > MAX_ENDPOINT_LENGTH) return undefined;
  const [, scheme, address] = /^([a-z][a-z0-9]{0,15}):([A-Za-z0-9._:[\]%-]+)$/.exec(text) ?? [];
  if (scheme === undefined || address === undefined) return undefined;
  const whole = scheme === 'wss' && !/:\d+$/.test(address) ? `${address}:443` : address;
  const { host, port } = splitAddress(whole) ?? { host: '', port: 0 };
  return host === '' || port === 0 || isWildcard(host) || isNumeric(host) ? undefined : { scheme, address };
}

/**
 * The transport that dials an endpoint, and the address that it takes. Undefined for what is not for links (`udp`), and, where `transports` are
 * given, for what none of them dials.
 */
export function dialable(
  endpoint: string,
  transports?: readonly { readonly name: string }[],
): { readonly transport: string; readonly address: string } | undefined {
  const { scheme, address } = parseEndpoint(endpoint) ?? {};
  if (scheme === undefined || address === undefined || scheme === 'udp') return undefined;
  const target = scheme === 'wss' ? { transport: 'ws', address: `wss://${address}` } : { transport: scheme, address };
  return transports && !transports.some(({ name }) => name === target.transport) ? undefined : target;
}

/**
 * Of endpoints that a stranger names those that mean to us what they mean to the stranger. Loopback and private addresses are those of another
 * machine or network, unless this node is in one of that kind itself: else anybody could have it dial into its owner's network. `places`: see
 * `placesOf`.
 */
export function meantForUs(endpoints: readonly string[], places: readonly string[]): string[] {
  const here = new Set(places.map(reachOfEndpoint));
  return endpoints.filter((endpoint) => {
    const reach = reachOfEndpoint(endpoint);
    return reach !== undefined && (reach.startsWith('global') || here.has(reach));
  });
}

/** Where a node is, and where it went by itself. */
export function placesOf(own: OwnEndpoints, links: readonly Link[]): string[] {
  const went = links.filter(({ connection }) => connection.dialled);
  return [...own.list(), ...went.map(({ connection }) => `${connection.transport}:${connection.remoteAddress}`)];
}

function reachOfEndpoint(endpoint: string): ReturnType<typeof reachOf> | undefined {
  const { address } = parseEndpoint(endpoint) ?? {};
  return address === undefined ? undefined : reachOf(splitAddress(address)?.host ?? address);
}

/**
 * Where a neighbour listens: the ports it names in HELLO, at the host from which it is seen to speak. A neighbour can so name nobody's
 * address but its own.
 */
export function endpointsOf({ peer, connection }: Link): string[] {
  const host = connection.remoteAddress.slice(0, connection.remoteAddress.lastIndexOf(':'));
  const listens = (peer.attributes.listens ?? '').split(' ').slice(0, MAX_LISTENS);
  return listens.flatMap((text) => {
    const [, scheme, port] = /^([a-z][a-z0-9]{0,15}):([1-9]\d{0,4})$/.exec(text) ?? [];
    const endpoint = `${scheme}:${host}:${port}`;
    return scheme !== undefined && parseEndpoint(endpoint) ? [endpoint] : [];
  });
}

interface Witness {
  /** Our host as it sees it. */
  readonly host: string;
  /** What it dialled, where it is the one that did: this much is known to lead to us. */
  readonly dialled: string | undefined;
}

/**
 * What this node listens on, with addresses that others can use. One bound to all addresses of the machine is named by what neighbours
 * see: of each kind of address (global or private, IPv4 or IPv6) by the one that most networks see, so that a liar needs many networks.
 */
export class OwnEndpoints {
  readonly events = new Emitter<{ changed: undefined }>();
  readonly #advertised: readonly Endpoint[];
  readonly #guesses: boolean;
  readonly #bound: Endpoint[] = [];
  readonly #witnesses = new LruMap<string, Witness>(MAX_WITNESSES);
  #list: readonly string[] = [];

  /**
   * `advertise`: endpoints that count in place of what is bound for their scheme. `guesses`: whether the port that is bound counts at a
   * host that was only seen to speak from there: a server is meant to be reachable, others may be behind a NAT. Throws `bad-argument`.
   */
  constructor(options: { readonly advertise?: readonly string[] | undefined; readonly guesses: boolean }) {
    this.#guesses = options.guesses;
    this.#advertised = (options.advertise ?? []).map((text) => {
      const endpoint = parseEndpoint(text);
      if (!endpoint) throw new ParleyError('bad-argument', `not an endpoint, such as tls:203.0.113.5:4717 or wss:example.org: ${text}`);
      return endpoint;
    });
    this.#update();
  }

  /** Best known, at most `MAX_ENDPOINTS`. */
  list(): readonly string[] {
    return this.#list;
  }

  /** Ports that are bound, for HELLO: `tls:4717 udp:4717`. Empty where nothing is. */
  listens(): string {
    const ports = this.#bound.map(({ scheme, address }) => `${scheme}:${address.slice(address.lastIndexOf(':') + 1)}`);
    return [...new Set(ports)].slice(0, MAX_LISTENS).join(' ');
  }

  bound(scheme: string, address: string): void {
    this.#bound.push({ scheme, address });
    this.#update();
  }

  /** What the other side of a new link sees of us. */
  linked({ connection, seenAddress }: Link): void {
    const seen = seenAddress === undefined ? undefined : splitAddress(seenAddress);
    // A zone (`fe80::1%eth0`) means something on the neighbour's machine alone.
    if (seenAddress === undefined || !seen || isWildcard(seen.host) || seen.host.includes('%')) return;
    const dialled = connection.dialled ? undefined : `${connection.transport}:${seenAddress}`;
    const network = networkOf(connection.remoteAddress) ?? '';
    const known = this.#witnesses.get(network);
    if (known?.host === seen.host && known.dialled === dialled) return;
    this.#witnesses.set(network, { host: seen.host, dialled });
    this.#update();
  }

  #update(): void {
    const replaced = new Set(this.#advertised.map(({ scheme }) => scheme));
    const bound = this.#bound.filter(({ scheme }) => !replaced.has(scheme));
    const all = [...this.#advertised.map(({ scheme, address }) => `${scheme}:${address}`), ...bound.flatMap((own) => this.#resolve(own))];
    const list = [...new Set(all)].filter((text) => parseEndpoint(text)).slice(0, MAX_ENDPOINTS);
    if (list.join(' ') === this.#list.join(' ')) return;
    this.#list = list;
    this.events.emit('changed', undefined);
  }

  #resolve({ scheme, address }: Endpoint): string[] {
    const own = splitAddress(address);
    if (!own) return [];
    if (!isWildcard(own.host)) return [`${scheme}:${address}`];
    const votes = new Map<string, Map<string, number>>();
    for (const { host, dialled } of [...this.#witnesses.entries()].map(([, witness]) => witness)) {
      const guess = this.#guesses ? `${scheme}:${host.includes(':') ? `[${host}]` : host}:${own.port}` : undefined;
      const claim = dialled?.startsWith(`${scheme}:`) ? dialled : guess;
      if (claim === undefined) continue;
      const kind = reachOf(host);
      const counts = votes.get(kind) ?? new Map<string, number>();
      votes.set(kind, counts.set(claim, (counts.get(claim) ?? 0) + 1));
    }
    const best = [...votes].map(([kind, counts]) => ({ kind, claim: [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '' }));
    // Loopback leads nobody elsewhere anywhere: it is named only where nothing else is known.
    const wide = best.filter(({ kind }) => kind !== 'loopback');
    return (wide.length > 0 ? wide : best).map(({ claim }) => claim);
  }
}
