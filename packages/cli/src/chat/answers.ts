import type { MessageView, Person, StatusView } from '@parley/host';
import { dateTime, duration } from '../text/time.ts';
import { deliveryLines } from './marks.ts';
import { activeChannel, type ChatState, type PanelLine } from './state.ts';

export function searchLines(found: readonly MessageView[], everywhere: boolean): PanelLine[] {
  if (found.length === 0) return [{ text: 'Nothing found. All words have to be in the message.', tone: 'faint' }];
  return found.flatMap(({ time, channel, sender, text }): PanelLine[] => [
    { text: `${dateTime(Date.parse(time))}${everywhere ? `  #${channel}` : ''}  ${sender.display}`, tone: 'faint' },
    { text: `  ${text}`, hang: 2 },
  ]);
}

/** Who keeps a message for somebody is mostly a neighbour, and in no channel. */
function withNeighbours({ people }: ChatState, links: StatusView['links']): ReadonlyMap<string, Person> {
  return new Map([...people, ...links.map(({ peer }) => [peer.node_id, peer] as const)]);
}

/** This node, and where the last own message of the channel stands. */
export function infoLines(status: StatusView, state: ChatState): PanelLine[] {
  const { name, node_id, key, node_type, version, uptime_s, links, connect } = status;
  const lines: PanelLine[] = [
    { text: name, tone: 'strong' },
    { text: `node id  ${node_id}`, hang: 9 },
    { text: `key      ${key}`, hang: 9 },
    { text: `${node_type}, ${version}, up ${duration(uptime_s)}` },
    { text: '' },
    { text: links.length === 0 ? 'No links' : 'Links', tone: 'strong' },
    ...links.map(
      ({ peer, address, latency_ms }): PanelLine => ({ text: `● ${peer.display}  ${address}  ${Math.round(latency_ms)} ms`, hang: 2 }),
    ),
  ];
  if (links.length === 0) for (const address of connect) lines.push({ text: `○ ${address}  trying`, hang: 2 });
  const last = activeChannel(state)?.timeline.findLast((item) => item.kind === 'message' && item.message.own);
  if (last?.kind !== 'message' || !last.message.delivery) return lines;
  return [
    ...lines,
    { text: '' },
    { text: 'Your last message here', tone: 'strong' },
    ...deliveryLines(last.message.delivery, withNeighbours(state, links)).map((text): PanelLine => ({ text, hang: 2 })),
  ];
}
