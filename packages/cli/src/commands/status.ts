import { nodeOf } from '../api.ts';
import { type AddCommand, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { statusLines } from '../format/status.ts';

export const addStatus: AddCommand = (program, attach) => {
  const command = program
    .command('status')
    .description('what the running node does: links, channels, what it holds')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, _, options) => {
    const status = await (await nodeOf(context, options)).status();
    context.out.object(status);
    for (const line of statusLines(status, context.out.style)) context.out.line(line);
    return EXIT.ok;
  });
};
