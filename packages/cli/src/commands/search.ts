import { nodeOf } from '../api.ts';
import { type AddCommand, dataOption, jsonOption, numberOption, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { MessagePrinter } from '../format/messages.ts';

export const addSearch: AddCommand = (program, attach) => {
  const command = program
    .command('search <words...>')
    .description('search the messages that the node holds; all words have to be there, the latest message comes first')
    .option('-c, --channel <channel>', 'in this channel only')
    .option('-n, --limit <count>', 'at most so many', wholeNumber(1, 500), 50)
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, words, options) => {
    const channel = textOption(options, 'channel');
    const limit = numberOption(options, 'limit') ?? 50;
    if (words.join(' ').trim() === '') throw new Failure('usage', 'say which words to search for');
    const node = await nodeOf(context, options);
    const found = await node.search(words.join(' '), { limit, ...(channel === undefined ? {} : { channel }) });
    const printer = new MessagePrinter(context.out, { channel: channel === undefined });
    for (const message of found) printer.message(message);
    if (found.length === 0) context.out.note('nothing found');
    return EXIT.ok;
  });
};
