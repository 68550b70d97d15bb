import type { ApiClient, MessageView } from '@parley/host';
import type { Command } from 'commander';
import { nodeOf } from '../api.ts';
import { type AddCommand, type Attach, type Context, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { MessagePrinter } from '../format/messages.ts';

type Run = (node: ApiClient, args: readonly string[], undo: boolean) => Promise<readonly MessageView[]>;

const ID = 'the message is named by its `msg_id`, or by its `cursor` where several bear that: see read --json';

/** A command that does something to a message, and prints it as it stands then. */
function add(program: Command, attach: Attach, usage: string, description: string, run: Run, undo?: string): void {
  const command = program.command(usage).description(`${description}; ${ID}`).addOption(dataOption()).addOption(jsonOption());
  if (undo !== undefined) command.option('-u, --undo', undo);
  attach(command, async (context: Context, args, options) => {
    const printer = new MessagePrinter(context.out, { channel: false });
    for (const message of await run(await nodeOf(context, options), args, options.undo === true)) printer.message(message);
    return EXIT.ok;
  });
}

export const addActs: AddCommand = (program, attach) => {
  add(program, attach, 'edit <channel> <msg_id> <text...>', 'give an own message another text', async (node, args) => {
    const [channel = '', msg_id = '', ...words] = args;
    return [await node.act(channel, { kind: 'edit', msg_id, text: words.join(' ') })];
  });
  add(
    program,
    attach,
    'delete <channel> <msg_id>',
    'delete an own message at everybody, or any message of an own channel',
    async (node, args) => {
      const [channel = '', msg_id = ''] = args;
      return [await node.act(channel, { kind: 'delete', msg_id })];
    },
  );
  add(
    program,
    attach,
    'react <channel> <msg_id> <emoji>',
    'react to a message with an emoji',
    async (node, [channel = '', msg_id = '', text = ''], undo) => [
      await node.act(channel, { kind: undo ? 'unreact' : 'react', msg_id, text }),
    ],
    'take the reaction back',
  );
  add(
    program,
    attach,
    'pin <channel> [msg_id]',
    'pin a message of an own channel; without a message, list those that are pinned',
    async (node, [channel = '', msg_id], undo) => {
      if (msg_id !== undefined) return [await node.act(channel, { kind: undo ? 'unpin' : 'pin', msg_id })];
      if (undo) throw new Failure('usage', 'which message is to be unpinned?');
      return node.pinned(channel);
    },
    'take the pin away',
  );
};
