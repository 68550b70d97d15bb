import type { ChannelView } from '@parley/host';
import { titleOf } from '../channel-of.ts';
import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { lifetimeWords } from './lifetime.ts';
import { table } from './table.ts';

/** Channels, for people: which the node is in, how many are, and by which id. */
export function channelLines(channels: readonly ChannelView[], style: Style): string[] {
  if (channels.length === 0) return ['no channel is known yet'];
  const rows = channels.map(({ id, name, kind, members, owner, timer }) => [
    safeText(titleOf({ name, kind })),
    `${members} ${members === 1 ? 'member' : 'members'}${kind === 'closed' ? ', closed' : ''}${timer?.seconds ? `, ${lifetimeWords(timer.seconds)}` : ''}`,
    id,
    owner === undefined ? '' : `of ${safeText(owner)}`,
  ]);
  return table(rows).map((line, index) => (channels[index]?.joined ? `${style.colour('green', '●')} ${line}` : style.dim(`○ ${line}`)));
}
