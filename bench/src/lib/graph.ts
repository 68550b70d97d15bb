/** A small seeded generator (mulberry32): the same seed gives the same graph on every machine. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An undirected edge between two node indices, the lower first. The higher one dials. */
export type Edge = readonly [number, number];

/** Pairs the ends of `degree` half-edges a node at random; undefined when that makes a loop or a double edge. */
function pairing(nodes: number, degree: number, random: () => number): Edge[] | undefined {
  const ends = Array.from({ length: nodes * degree }, (_, index) => Math.floor(index / degree));
  for (let last = ends.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const swapped = ends[last] ?? 0;
    ends[last] = ends[other] ?? 0;
    ends[other] = swapped;
  }
  const edges = new Map<number, Edge>();
  for (let index = 0; index < ends.length; index += 2) {
    const [a, b] = [ends[index] ?? 0, ends[index + 1] ?? 0];
    const edge: Edge = a < b ? [a, b] : [b, a];
    const key = edge[0] * nodes + edge[1];
    if (a === b || edges.has(key)) return undefined;
    edges.set(key, edge);
  }
  return [...edges.values()];
}

function isConnected(nodes: number, edges: readonly Edge[]): boolean {
  const reached = new Set([0]);
  for (const node of reached) {
    for (const [a, b] of edges) {
      if (a === node) reached.add(b);
      if (b === node) reached.add(a);
    }
  }
  return reached.size === nodes;
}

/** A random connected graph in which every node has exactly `degree` neighbours (configuration model with rejection). */
export function regularGraph(nodes: number, degree: number, seed: number): Edge[] {
  if (degree >= nodes || (nodes * degree) % 2 !== 0) throw new RangeError(`no graph of ${nodes} nodes has degree ${degree}`);
  const random = seeded(seed);
  for (;;) {
    const edges = pairing(nodes, degree, random);
    if (edges !== undefined && isConnected(nodes, edges)) return edges;
  }
}
