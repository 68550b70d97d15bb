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

/** Node ids on the way of a message, its sender first, this node last. What a member gave later has come the last part of its way from there. */
export function wayOf(message: MessageView, self: string): string[] {
  const way = message.given_by ? [message.given_by.node_id, self] : [message.sender.node_id, ...(message.via ?? []), self];
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
