import { nodeOf } from '../api.ts';
import { keyOf } from '../channel-of.ts';
import { type AddCommand, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { routeLines } from '../format/paths.ts';

export const addRoute: AddCommand = (program, attach) => {
  const command = program
    .command('route <who>')
    .description('all ways to a node, by contact, key id (key_…) or node id, in the order in which they are tried, and why')
    .addOption(dataOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExit code 4: no way to it is known, and no record of it.');
  attach(command, async (context, [who = ''], options) => {
    const node = await nodeOf(context, options);
    const route = await node.route(await keyOf(node, who));
    context.out.object(route);
    for (const line of routeLines(route, context.out.style)) context.out.line(line);
    return EXIT.ok;
  });
};
