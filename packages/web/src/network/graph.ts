import type { KnownNode, TabStatus } from '@parley/browser';
import type { MessageView, Person } from '@parley/core';

export interface GraphNode {
  readonly id: string;
  readonly label: string;
  readonly hops: number;
  readonly kind: 'self' | 'server' | 'client' | 'unknown';
}

export interface GraphEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** A link of this node's own; the others are hops that are only known of. */
  readonly link: boolean;
  readonly latencyMs?: number;
  /** The message that is looked at went this way. */
  readonly way: boolean;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

const short = (id: string): string => id.replaceAll('-', '').slice(0, 10);
const edgeId = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

/** Node ids on the way of a message, its sender first, this node last. */
export function wayOf(message: MessageView, self: string): string[] {
  const way = [message.sender.node_id, ...message.via, self];
  return way.filter((id, index) => id !== way[index - 1]);
}

/**
 * What this node knows of the network: itself, its links, and whom it can reach by which of them. Between a neighbour and a node further
 * away only the number of hops is known; they are drawn as one line.
 */
export function graphOf(
  status: TabStatus,
  known: readonly KnownNode[],
  people: Readonly<Record<string, Person>>,
  way: readonly string[] = [],
): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const label = (id: string, person?: Person): string => (people[id] ?? person)?.display ?? short(id);
  const add = (node: GraphNode): void => {
    const before = nodes.get(node.id);
    if (!before || before.kind === 'unknown') nodes.set(node.id, node);
  };
  const connect = (from: string, to: string, edge: Pick<GraphEdge, 'link' | 'latencyMs' | 'way'>): void => {
    const id = edgeId(from, to);
    const before = edges.get(id);
    edges.set(id, { ...before, id, from, to, ...edge, link: edge.link || before?.link === true });
  };
  add({ id: status.node_id, label: status.name, hops: 0, kind: 'self' });
  for (const { peer, node_type, latency_ms } of status.links) {
    add({ id: peer.node_id, label: label(peer.node_id, peer), hops: 1, kind: kindOf(node_type) });
    connect(status.node_id, peer.node_id, { link: true, latencyMs: latency_ms, way: false });
  }
  for (const { person, nodeType, hops, via } of known) {
    if (person.node_id === status.node_id) continue;
    add({ id: person.node_id, label: label(person.node_id, person), hops, kind: kindOf(nodeType) });
    if (hops > 1 && nodes.has(via)) connect(via, person.node_id, { link: false, way: false });
  }
  for (const [index, id] of way.entries()) {
    add({ id, label: label(id), hops: Math.max(0, way.length - 1 - index), kind: 'unknown' });
    const next = way[index + 1];
    if (next !== undefined) connect(id, next, { link: false, way: true });
  }
  return { nodes: [...nodes.values()], edges: [...edges.values()].filter(({ from, to }) => nodes.has(from) && nodes.has(to)) };
}

function kindOf(nodeType: string | undefined): GraphNode['kind'] {
  return nodeType === 'server' || nodeType === 'client' ? nodeType : 'unknown';
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

const RING = 150;
/** The part of the circle that those behind one node may take, so that no line passes through the middle. */
const MAX_SECTOR = Math.PI * 0.8;

/** Rings around this tab: each node at its distance, near the one that leads to it. */
export function placesOf({ nodes, edges }: Graph): ReadonlyMap<string, Place> {
  const root = nodes.find(({ kind }) => kind === 'self')?.id;
  const places = new Map<string, Place>();
  if (root === undefined) return places;
  const children = treeOf(root, edges);
  const leaves = (id: string): number => (children.get(id) ?? []).reduce((sum, child) => sum + leaves(child), 0) || 1;
  const spread = (ids: readonly string[], depth: number, middle: number, sector: number): void => {
    const total = ids.reduce((sum, id) => sum + leaves(id), 0);
    // A ring wide enough that neighbours on it stand clear of each other.
    const radius = Math.max(RING * depth, (total * 90) / sector);
    let angle = middle - sector / 2;
    for (const id of ids) {
      const width = (sector * leaves(id)) / total;
      const at = angle + width / 2;
      places.set(id, { x: radius * Math.cos(at), y: radius * Math.sin(at) });
      spread(children.get(id) ?? [], depth + 1, at, Math.min(MAX_SECTOR, Math.max(width, Math.PI / 3)));
      angle += width;
    }
  };
  places.set(root, { x: 0, y: 0 });
  // A single way out leads to the right, where most room is.
  spread(children.get(root) ?? [], 1, 0, 2 * Math.PI);
  const outside = nodes.filter(({ id }) => !places.has(id));
  for (const [index, { id }] of outside.entries()) places.set(id, { x: -RING * 2, y: (index - (outside.length - 1) / 2) * 70 });
  return places;
}

/** Whom each node leads to, by the fewest edges from the root. */
function treeOf(root: string, edges: readonly GraphEdge[]): ReadonlyMap<string, readonly string[]> {
  const beside = new Map<string, string[]>();
  for (const { from, to } of edges) {
    beside.set(from, [...(beside.get(from) ?? []), to]);
    beside.set(to, [...(beside.get(to) ?? []), from]);
  }
  const children = new Map<string, string[]>();
  const seen = new Set([root]);
  const waiting = [root];
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    const found = (beside.get(id) ?? []).filter((other) => !seen.has(other));
    for (const other of found) seen.add(other);
    children.set(id, found);
    waiting.push(...found);
  }
  return children;
}
