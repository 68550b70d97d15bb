import type { ChannelView } from '@parley/host';
import { titleOf } from '../channel-of.ts';
import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { dateTime } from '../text/time.ts';
import { lifetimeWords } from './lifetime.ts';
import { table } from './table.ts';

/** That the user is in a channel no more, and why, in words; safe to print. */
export function endedWords({ kind, ended }: Pick<ChannelView, 'kind' | 'ended'>): string {
  if (!ended) return '';
  const when = dateTime(Date.parse(ended.time));
  if (kind === 'direct') return `no contact any more, since ${when}`;
  if (!ended.removed) return `you are not in it any more, since ${when}`;
  return `you were removed${ended.by ? ` by ${safeText(ended.by.display)}` : ''} on ${when}`;
}

/** Channels, for people: which the node is in, how many are, and by which id. */
export function channelLines(channels: readonly ChannelView[], style: Style): string[] {
  if (channels.length === 0) return ['no channel is known yet'];
  const rows = channels.map((channel) => {
    const { id, name, kind, members, owner, timer, ended } = channel;
    const about = [
      ...(ended && kind !== 'public' ? [] : [`${members} ${members === 1 ? 'member' : 'members'}`]),
      ...(kind === 'closed' ? ['closed'] : []),
      ...(timer?.seconds ? [lifetimeWords(timer.seconds)] : []),
      ...(ended ? [endedWords(channel)] : []),
    ];
    return [safeText(titleOf({ name, kind })), about.join(', '), id, owner === undefined ? '' : `of ${safeText(owner)}`];
  });
  return table(rows).map((line, index) => (channels[index]?.joined ? `${style.colour('green', '●')} ${line}` : style.dim(`○ ${line}`)));
}
