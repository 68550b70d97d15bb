import { nodeOf } from '../api.ts';
import { isTitled } from '../channel-of.ts';
import { type AddCommand, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { channelLines } from '../format/channels.ts';
import { safeText } from '../text/safe-text.ts';
import { addClosed, historyOf, historyOption } from './closed.ts';
import { addTimer } from './timer.ts';

export const addChannels: AddCommand = (program, attach) => {
  const channels = program.command('channels').description('list, create, join and leave channels; closed ones: invite, accept, remove');

  const list = channels
    .command('list', { isDefault: true })
    .description('the channels that the node knows')
    .option('--joined', 'only those that it is in')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(list, async (context, _, options) => {
    const known = await (await nodeOf(context, options)).channels();
    const shown = options.joined === true ? known.filter(({ joined }) => joined) : known;
    for (const channel of shown) context.out.object(channel);
    for (const line of channelLines(shown, context.out.style)) context.out.line(line);
    return EXIT.ok;
  });

  const create = channels
    .command('create <name>')
    .description('make a channel, and join it')
    .option('--closed', 'for invited members alone, and encrypted')
    .addOption(historyOption())
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(create, async (context, [name = ''], options) => {
    const node = await nodeOf(context, options);
    const history = historyOf(options);
    if (history !== undefined && options.closed !== true) throw new Failure('usage', '--history is for closed channels: add --closed');
    const channel = await (options.closed === true ? node.closed.create(name, history) : node.create(name));
    context.out.object(channel);
    context.out.line(`created #${safeText(channel.name)}${options.closed === true ? ', closed' : ''}  ${channel.id}`);
    const alike = (await node.channels()).filter((other) => other.id !== channel.id && isTitled(other, channel.name));
    if (alike.length > 0) context.out.note(`another channel is called #${safeText(channel.name)} too: commands tell them apart by id`);
    return EXIT.ok;
  });

  const join = channels
    .command('join <channel>')
    .description('join a channel, by its name or its id')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(join, async (context, [name = ''], options) => {
    const channel = await (await nodeOf(context, options)).join(name);
    context.out.object(channel);
    context.out.line(`joined #${safeText(channel.name)}`);
    return EXIT.ok;
  });

  const leave = channels
    .command('leave <channel>')
    .description('leave a channel, by its name or its id; its history stays')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(leave, async (context, [name = ''], options) => {
    const node = await nodeOf(context, options);
    const plain = name.replace(/^#/, '');
    const before = (await node.channels()).find((channel) => channel.joined && (channel.id === plain || channel.name === plain));
    await node.leave(name);
    context.out.object({ ...(before ?? { name: plain }), joined: false });
    context.out.line(`left #${safeText(before?.name ?? plain)}`);
    return EXIT.ok;
  });

  addClosed(channels, attach);
  addTimer(channels, attach);
};
