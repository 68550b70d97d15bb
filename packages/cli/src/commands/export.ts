import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ApiClient, ChannelView, MessageView } from '@parley/host';
import { Option } from 'commander';
import { nodeOf } from '../api.ts';
import { channelOf } from '../channel-of.ts';
import { type AddCommand, dataOption, jsonOption, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { EXPORT_FORMATS, type ExportFormat, exportWriter } from '../format/export.ts';
import { safeText } from '../text/safe-text.ts';

const PAGE = 500;

/** All messages of a channel that the node keeps, oldest first, a page at a time: a channel may be larger than memory. */
async function* history(node: ApiClient, { id }: ChannelView): AsyncGenerator<MessageView> {
  let after = `${id}/`;
  for (;;) {
    const page = await node.messages(id, { after, limit: PAGE });
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.cursor;
  }
}

async function write(to: NodeJS.WritableStream, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) if (!to.write(piece)) await once(to, 'drain');
}

function open(file: string): Writable {
  // What is there is somebody's: it is never written over.
  return createWriteStream(file, { flags: 'wx', mode: 0o600 });
}

export const addExport: AddCommand = (program, attach) => {
  const command = program
    .command('export <channel>')
    .description('write all messages of a channel that this node keeps into a file')
    .addOption(new Option('-f, --format <format>', 'how').choices(EXPORT_FORMATS).default('text'))
    .option('-o, --output <file>', 'a new file; without it, standard output')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, [name = ''], options) => {
    const node = await nodeOf(context, options);
    const channel = await channelOf(node, name);
    const file = textOption(options, 'output');
    if (file === undefined && options.json === true)
      throw new Failure('usage', 'with --json the export goes into a file: name it with --output, or use --format json');
    let count = 0;
    const counted = async function* (): AsyncGenerator<MessageView> {
      for await (const message of history(node, channel)) {
        count++;
        yield message;
      }
    };
    const pieces = exportWriter(options.format as ExportFormat)(channel, counted());
    if (file === undefined) {
      await write(context.io.stdout, pieces);
      return EXIT.ok;
    }
    const to = open(file);
    // Its errors are those of the writes and of `finished`.
    to.on('error', () => {});
    try {
      await once(to, 'open');
      await write(to, pieces);
      to.end();
      await finished(to);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new Failure('conflict', `${file} is there already`);
      to.destroy();
      rmSync(file, { force: true });
      if (code === 'ENOSPC') throw new Failure('storage-full', `there is no room for ${file}`);
      if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
        throw new Failure('storage', `${file} cannot be written: ${message}`);
      throw error;
    }
    context.out.object({ channel_id: channel.id, file, messages: count });
    context.out.line(`${count} ${count === 1 ? 'message' : 'messages'} of #${safeText(channel.name)} in ${file}`);
    return EXIT.ok;
  });
};
