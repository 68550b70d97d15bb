import { type AddCommand, dataDirectory, dataOption } from '../command.ts';

export const addChat: AddCommand = (program, attach) => {
  const command = program
    .command('chat [channel]')
    .description('the terminal chat, at first with a channel or, as @NAME, a contact; /help in it lists what it can do')
    .addOption(dataOption());
  attach(command, async (context, [channel], options) => {
    const { runChat } = await import('../chat/run.ts');
    return await runChat(context.io, dataDirectory(options, context.io), { channel });
  });
};
