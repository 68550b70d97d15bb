import type { MessageView, Person, StatusView } from '@parley/host';
import { saidRows } from '../format/forwarded.ts';
import { safeText } from '../text/safe-text.ts';
import { dateTime, duration } from '../text/time.ts';
import { displayOf } from './item-rows.ts';
import { deliveryLines } from './marks.ts';
import { activeChannel, type ChatState, type PanelLine } from './state.ts';

export function searchLines(found: readonly MessageView[], everywhere: boolean): PanelLine[] {
  if (found.length === 0) return [{ text: 'Nothing found. All words have to be in the message.', tone: 'faint' }];
  return found.flatMap(({ time, channel, sender, text }): PanelLine[] => [
    { text: `${dateTime(Date.parse(time))}${everywhere ? `  #${channel}` : ''}  ${sender.display}`, tone: 'faint' },
    { text: `  ${saidRows(text, Number.POSITIVE_INFINITY).join('\n')}`, hang: 2 },
  ]);
}

/** Who keeps a message for somebody is mostly a neighbour, and in no channel. */
function withNeighbours({ people }: ChatState, links: StatusView['links']): ReadonlyMap<string, Person> {
  return new Map([...people, ...links.map(({ peer }) => [peer.node_id, peer] as const)]);
}

/** How a message came to this node. */
function wayLine(message: MessageView, people: ReadonlyMap<string, Person>): string {
  const { given_by, via, sender } = message;
  if (given_by) return `from ${displayOf(given_by, people)} by catch-up: the way it took before is not known`;
  if (via === undefined) return 'its way is not known';
  if (via.length === 0) return `straight from ${displayOf(sender, people)}`;
  return `by way of ${via.map((nodeId) => safeText(people.get(nodeId)?.display ?? nodeId)).join(', ')}`;
}

/** This node, where the last own message of the channel stands, and how the last of somebody else came. */
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
  const last = (own: boolean): MessageView | undefined => {
    const item = activeChannel(state)?.timeline.findLast((other) => other.kind === 'message' && other.message.own === own);
    return item?.kind === 'message' ? item.message : undefined;
  };
  const people = withNeighbours(state, links);
  const tell = (title: string, texts: readonly string[]): void => {
    lines.push({ text: '' }, { text: title, tone: 'strong' }, ...texts.map((text): PanelLine => ({ text, hang: 2 })));
  };
  const [mine, theirs] = [last(true), last(false)];
  if (mine?.delivery) tell('Your last message here', deliveryLines(mine.delivery, people));
  if (theirs) tell(`The last message of ${displayOf(theirs.sender, people)}`, [wayLine(theirs, people)]);
  return lines;
}
