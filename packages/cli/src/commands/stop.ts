import { nodeOf } from '../api.ts';
import { type AddCommand, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

export const addStop: AddCommand = (program, attach) => {
  const command = program
    .command('stop')
    .description('end the running node cleanly, and wait until it has ended')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, _, options) => {
    const node = await nodeOf(context, options);
    const { node_id, name } = await node.status();
    await node.stop();
    context.out.object({ stopped: true, node_id, name });
    context.out.line('stopped');
    return EXIT.ok;
  });
};
