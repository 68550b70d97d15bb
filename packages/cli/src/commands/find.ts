import { nodeOf } from '../api.ts';
import { keyOf } from '../channel-of.ts';
import { type AddCommand, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { recordLines } from '../format/paths.ts';

export const addFind: AddCommand = (program, attach) => {
  const command = program
    .command('find <who>')
    .description('where a node is, as it has signed itself: looked up in the network by contact, key id (key_…) or node id')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExit code 4: the network knows no record of that key.');
  attach(command, async (context, [who = ''], options) => {
    const node = await nodeOf(context, options);
    const record = await node.find(await keyOf(node, who));
    context.out.object(record);
    for (const line of recordLines(record, context.out.style)) context.out.line(line);
    return EXIT.ok;
  });
};
