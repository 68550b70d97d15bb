import type { PathView, RecordView, RouteView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { table } from './table.ts';

const hops = ({ hops: count, guessed }: PathView): string => `${guessed ? 'about ' : ''}${count} ${count === 1 ? 'hop' : 'hops'}`;

function latency({ latency_ms: ms }: PathView): string {
  if (ms === undefined) return '';
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

/** The first step of a way, and where it leads. */
function step({ kind, next, through, endpoint }: PathView): string {
  if (endpoint !== undefined) return `dial ${safeText(endpoint)}`;
  if (kind === 'neighbour') return 'the link to it';
  return `by ${safeText(next.display)}${through === undefined ? '' : ` to ${safeText(through.display)}`}`;
}

/** A record for people. */
export function recordLines(record: RecordView, style: Style): string[] {
  const { node, node_type, endpoints, attachments, last_seen, expires, seq } = record;
  const facts = [
    ['node id', node.node_id],
    ['key', node.key ?? ''],
    ...endpoints.map((endpoint) => ['listens', safeText(endpoint)]),
    ...attachments.map(({ node: server }) => ['attached to', safeText(server.display)]),
    ['last seen', last_seen],
    ['expires', `${expires} (record ${seq})`],
  ];
  return [`${style.bold(safeText(node.display))}  ${node_type}`, ...table(facts).map((line) => `  ${line}`)];
}

/** Ways to a node for people: the best first, each with its figures, and below why it ranks there. */
export function routeLines({ node, record, paths, hidden }: RouteView, style: Style): string[] {
  const head = `${style.bold(safeText(node.display))}  ${node.node_id}`;
  const seen = record === undefined ? 'no record is known' : `record of ${record.last_seen}`;
  if (paths.length === 0) return [`${head}, ${seen}`, style.colour('yellow', 'no way is known')];
  const rows = paths.map((path) => [
    step(path),
    hops(path),
    latency(path),
    `${Math.round(path.reliability * 100)} % reliable`,
    `cost ${path.cost.toFixed(1)}`,
  ]);
  const lines = table(rows).flatMap((line, place) => {
    const path = paths[place];
    return [`  ${path?.chosen ? style.colour('green', '●') : '○'} ${line}`, `      ${path?.why ?? ''}`];
  });
  const instead = hidden ? [style.colour('yellow', 'what is between you goes by circuit, and takes none of these ways')] : [];
  return [`${head}, ${seen}`, ...instead, ...lines];
}
