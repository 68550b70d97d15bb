import { nodeOf } from '../api.ts';
import { type AddCommand, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { circuitLines, statusLines } from '../format/status.ts';

export const addStatus: AddCommand = (program, attach) => {
  const command = program
    .command('status')
    .description('what the running node does: links, channels, what it holds')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, _, options) => {
    const node = await nodeOf(context, options);
    const [status, circuits] = await Promise.all([node.status(), node.circuits()]);
    context.out.object({ ...status, circuits });
    for (const line of [...statusLines(status, context.out.style), ...circuitLines(circuits, context.out.style)]) context.out.line(line);
    return EXIT.ok;
  });
};
