import { parseEndpoint, splitAddress } from '../../link/index.ts';
import { ipBytes } from '../../util/ip.ts';

/** A server that may be a hop. */
export interface Prospect {
  readonly nodeId: string;
  /** Networks in which it can be reached (see `networksOf`): hops in one network may well be one person's. */
  readonly networks: readonly string[];
}

export interface Choice {
  /** Servers that are neighbours: the first hop is one of them. */
  readonly neighbours: readonly Prospect[];
  /** All servers that are known, neighbours or not. */
  readonly servers: readonly Prospect[];
  readonly hops: number;
  /** Whom the circuit is for: it must not be a hop, since it would see where the circuit begins. */
  readonly avoid: ReadonlySet<string>;
  /** Failed lately: taken where there is nobody else. */
  readonly doubtful: ReadonlySet<string>;
  /** 0 to 1, below 1. */
  readonly random: () => number;
}

/**
 * The hops of a new circuit, the first a neighbour; undefined where too few servers are known. At random, so that nobody can tell which it will be; but of
 * different networks, and but for the first no neighbours, as far as there are such. Pure.
 */
export function chooseHops({ neighbours, servers, hops, avoid, doubtful, random }: Choice): string[] | undefined {
  const linked = new Set(neighbours.map(({ nodeId }) => nodeId));
  const chosen: Prospect[] = [];
  for (let place = 0; place < hops; place++) {
    const taken = new Set(chosen.map(({ nodeId }) => nodeId));
    const networks = new Set(chosen.flatMap((hop) => hop.networks));
    const open = (place === 0 ? neighbours : servers).filter(({ nodeId }) => !taken.has(nodeId) && !avoid.has(nodeId));
    const flaws = (prospect: Prospect): number =>
      (doubtful.has(prospect.nodeId) ? 4 : 0) +
      (prospect.networks.some((network) => networks.has(network)) ? 2 : 0) +
      (place > 0 && linked.has(prospect.nodeId) ? 1 : 0);
    const least = Math.min(...open.map(flaws));
    const best = open.filter((prospect) => flaws(prospect) === least);
    const hop = best[Math.floor(random() * best.length)];
    if (!hop) return undefined;
    chosen.push(hop);
  }
  return chosen.map(({ nodeId }) => nodeId);
}

/** Of those of whom no address is known: they may all be one person's. */
const NO_ADDRESS = 'no address';

/** The networks of some endpoints: /24 of IPv4, /48 of IPv6, as in the table of the registry. Names, and no endpoints at all, are one network together. */
export function networksOf(endpoints: readonly string[]): string[] {
  const hosts = endpoints.flatMap((endpoint) => {
    const address = parseEndpoint(endpoint)?.address;
    return address === undefined ? [] : (splitAddress(address)?.host ?? address);
  });
  const networks = hosts.map((host) => {
    const bytes = ipBytes(host);
    return bytes ? String(bytes.subarray(0, bytes.length === 4 ? 3 : 6)) : NO_ADDRESS;
  });
  return networks.length > 0 ? [...new Set(networks)] : [NO_ADDRESS];
}
