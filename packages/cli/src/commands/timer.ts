import { type Command, InvalidArgumentError } from 'commander';
import { nodeOf } from '../api.ts';
import { channelOf, titleOf } from '../channel-of.ts';
import { type Attach, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { LIFETIME_USAGE, lifetimeWords, parseLifetime } from '../format/lifetime.ts';
import { safeText } from '../text/safe-text.ts';

/** How long messages of a closed channel, or of a conversation of two, last. */
export function addTimer(channels: Command, attach: Attach): void {
  const timer = channels
    .command('timer <channel>')
    .description('let messages that are written from now on disappear after a time; without one, say how it stands')
    .argument('[time]', 'off, or 1m to 4w: 30m, 1h, 7d', (value: string) => {
      if (parseLifetime(value) === undefined) throw new InvalidArgumentError(LIFETIME_USAGE);
      return value;
    })
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(timer, async (context, [name = '', time], options) => {
    const node = await nodeOf(context, options);
    const seconds = time === undefined ? undefined : parseLifetime(time);
    const known = await channelOf(node, name);
    const channel = seconds === undefined ? known : await node.setTimer(known.id, seconds);
    context.out.object(channel);
    const title = safeText(titleOf(channel));
    const lasts = channel.timer?.seconds ?? 0;
    if (lasts === 0) context.out.line(`${title}: messages stay`);
    else {
      context.out.line(`${title}: messages disappear after ${lifetimeWords(lasts)}, as ${safeText(channel.timer?.by.display ?? '')} said`);
      if (seconds !== undefined) context.out.note('whoever reads them can keep a copy all the same');
    }
    return EXIT.ok;
  });
}
