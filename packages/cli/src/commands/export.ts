import { once } from 'node:events';
import { createWriteStream, rmSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { ExportFormat, MessageView } from '@parley/host';
import { Option } from 'commander';
import { nodeOf } from '../api.ts';
import { channelOf, titleOf } from '../channel-of.ts';
import { type AddCommand, dataOption, jsonOption, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { lifetimeWords } from '../format/lifetime.ts';
import { safeText } from '../text/safe-text.ts';
import { dateTime } from '../text/time.ts';

const FORMATS = ['json', 'text', 'html'] satisfies readonly ExportFormat[];
const WORDS = { safe: safeText, time: (time: string): string => dateTime(Date.parse(time)), lasts: lifetimeWords };

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
    .description('write all messages of a channel that this node keeps, and what was changed about it, into a file')
    .addOption(new Option('-f, --format <format>', 'how').choices(FORMATS).default('text'))
    .option('-o, --output <file>', 'a new file; without it, standard output')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, [name = ''], options) => {
    const node = await nodeOf(context, options);
    const channel = await channelOf(node, name);
    const file = textOption(options, 'output');
    if (file === undefined && options.json === true)
      throw new Failure('usage', 'with --json the export goes into a file: name it with --output, or use --format json');
    const { exported, wholeHistory } = await import('@parley/host/client');
    let count = 0;
    const counted = async function* (): AsyncGenerator<MessageView> {
      for await (const message of wholeHistory((id, page) => node.messages(id, page), channel)) {
        count++;
        yield message;
      }
    };
    const changes = await node.changes(channel.id);
    const pieces = exported(options.format as ExportFormat, { channel, messages: counted(), changes }, WORDS);
    if (file === undefined) {
      await write(context.io.stdout, pieces);
      return EXIT.ok;
    }
    const to = open(file);
    // Its errors are those of the writes and of `finished`.
    to.on('error', () => {});
    let made = false;
    try {
      await once(to, 'open');
      made = true;
      await write(to, pieces);
      to.end();
      await finished(to);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === 'EEXIST') throw new Failure('conflict', `${file} is there already`);
      to.destroy();
      if (made) rmSync(file, { force: true });
      if (code === 'ENOSPC') throw new Failure('storage-full', `there is no room for ${file}`);
      if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
        throw new Failure('storage', `${file} cannot be written: ${message}`);
      throw error;
    }
    context.out.object({ channel_id: channel.id, file, messages: count });
    context.out.line(`${count} ${count === 1 ? 'message' : 'messages'} of ${safeText(titleOf(channel))} in ${safeText(file)}`);
    return EXIT.ok;
  });
};
