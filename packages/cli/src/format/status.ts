import { sizeText } from '@parley/core';
import type { CircuitsView, StatusView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { duration } from '../text/time.ts';
import { table } from './table.ts';

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

function latency(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`;
}

function linkLines(links: StatusView['links'], style: Style): string[] {
  const rows = links.map(({ peer, node_type, address, dialled, transport, latency_ms, queued_bytes }) => {
    const [way, how] = transport === 'punched-tcp' ? ['with', 'opened from both ends'] : [dialled ? 'to' : 'from', ''];
    return [
      safeText(peer.display),
      safeText(node_type),
      `${way} ${safeText(address)}`,
      latency(latency_ms),
      how,
      queued_bytes > 0 ? `${sizeText(queued_bytes)} waiting` : '',
    ];
  });
  return table(rows).map((line) => `  ${style.colour('green', '●')} ${line}`);
}

/** The status of a node, for people. */
export function statusLines(status: StatusView, style: Style): string[] {
  const { links } = status;
  const files = status.file_bytes > 0 ? `, ${sizeText(status.file_bytes)} of files` : '';
  const facts: [string, string][] = [
    ['node id', status.node_id],
    ['key', status.key],
    ...(status.tls === undefined ? [] : [['listens', status.tls] satisfies [string, string]]),
    ...(status.udp === undefined ? [] : [['UDP', status.udp] satisfies [string, string]]),
    ...(status.http === undefined ? [] : [['metrics', `${status.http}/metrics`] satisfies [string, string]]),
    ['channels', String(status.channels)],
    ['in reach', count(status.reachable_nodes, 'node', 'nodes')],
    ['holds', `${count(status.stored_messages, 'message', 'messages')} on the way, ${sizeText(status.store_bytes)} in its store${files}`],
  ];
  // Those whose address is that of no link: a host name may stand for one, so this is said, not counted.
  const wanting = links.some(({ dialled }) => dialled) ? [] : status.connect;
  return [
    `${style.bold(safeText(status.name))}  ${status.node_type}, up ${duration(status.uptime_s)}, ${safeText(status.version)}`,
    ...table(facts.map(([label, value]) => [label, value])).map((line) => `  ${line}`),
    links.length === 0 ? style.colour('yellow', 'no links') : count(links.length, 'link', 'links'),
    ...linkLines(links, style),
    ...wanting.map((address) => `  ${style.colour('yellow', '○')} ${safeText(address)}  not connected, trying`),
  ];
}

/** The circuits of a node, for people; nothing where none are wanted. */
export function circuitLines({ wanted, standing, trouble }: CircuitsView, style: Style): string[] {
  if (wanted === 0) return [];
  const rows = standing.map(({ to, hops }) => [
    to === undefined ? 'for lookups' : `to ${safeText(to.display)}`,
    `by ${hops.map(({ display }) => safeText(display)).join(', ')}`,
  ]);
  return [
    `${count(standing.length, 'circuit', 'circuits')} over ${count(wanted, 'server', 'servers')}`,
    ...table(rows).map((line) => `  ${style.colour('green', '●')} ${line}`),
    ...(trouble === undefined ? [] : [`  ${style.colour('yellow', '○')} ${safeText(trouble)}`]),
  ];
}
