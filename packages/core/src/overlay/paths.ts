import { cost } from './routing-table.ts';
import type { Way, WayKind } from './ways.ts';

/** A way to a node as people are shown it. `direct`: an endpoint of its record that could be dialled. */
export interface Path {
  readonly kind: WayKind | 'direct';
  /** The next hop; the node itself for what would be dialled. */
  readonly next: string;
  /** The server to which messages are addressed anew. */
  readonly through: string | undefined;
  readonly endpoint: string | undefined;
  readonly hops: number;
  /** `hops` is a guess. */
  readonly guessed: boolean;
  /** Undefined where nothing was measured. */
  readonly latencyMs: number | undefined;
  readonly reliability: number;
  /** Hops, latency and reliability in one figure: the less the better. */
  readonly cost: number;
  /** Whether the next message goes this way. */
  readonly chosen: boolean;
  /** Why it ranks where it does, in plain words. */
  readonly why: string;
}

/** An endpoint that could be dialled. */
export interface OpenEndpoint {
  readonly endpoint: string;
  /** Share of dials that succeeded; undefined before the first. */
  readonly reliability: number | undefined;
}

const BASIS: Readonly<Record<WayKind, string>> = {
  neighbour: 'there is a link to it',
  attached: 'there is a link to a server where it has signed to be attached',
  routing: 'the next hop says that it reaches it',
  attachment: 'it has signed to be attached to a server further off',
  greedy: 'the next hop is a server nearer to it by id',
  gateway: 'any server may know more',
};

/** Ways and endpoints as paths, in the order in which they are tried, each with the reason for its place. */
export function rankPaths(nodeId: string, ways: readonly Way[], endpoints: readonly OpenEndpoint[]): Path[] {
  const paths: Path[] = [];
  ways.forEach((way, rank) => {
    const { kind, neighbour: next, through, hops, guessed, latencyMs, reliability } = way;
    const before = ways[rank - 1];
    const why = `${BASIS[kind]}; ${placeOf(way, before)}`;
    paths.push({
      kind,
      next,
      through,
      endpoint: undefined,
      hops,
      guessed,
      latencyMs,
      reliability,
      cost: cost(way),
      chosen: rank === 0,
      why,
    });
  });
  if (ways[0]?.kind === 'neighbour') return paths;
  for (const { endpoint, reliability = 1 } of endpoints) {
    const why =
      ways.length > 0
        ? 'its record names this address; it is dialled once several messages go to it, or when no other way is left'
        : 'its record names this address, and no other way is known: it is dialled for the next message';
    const figures = { hops: 1, guessed: false, latencyMs: undefined, reliability, cost: cost({ hops: 1, latencyMs: 0, reliability }) };
    paths.push({ kind: 'direct', next: nodeId, through: undefined, endpoint, ...figures, chosen: false, why });
  }
  return paths;
}

function placeOf(way: Way, before: Way | undefined): string {
  if (!before) return 'tried first';
  if (before.kind !== way.kind) return `tried after those where ${BASIS[before.kind]}`;
  const [ours, theirs] = [cost(way), cost(before)];
  if (ours > theirs) return `costs ${ours.toFixed(1)}, the one before ${theirs.toFixed(1)}`;
  return ours === theirs ? 'as good as the one before' : 'its record prefers the one before';
}
