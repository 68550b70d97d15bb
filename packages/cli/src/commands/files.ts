import { sizeText } from '@parley/core';
import { nodeOf } from '../api.ts';
import { backwards, fetchAttached, findAttached, freePath, save } from '../attached.ts';
import { channelOf } from '../channel-of.ts';
import { type AddCommand, type Context, dataOption, jsonOption, numberOption, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { attachmentLine } from '../format/attachments.ts';
import { ProgressBar } from '../progress.ts';
import { safeText } from '../text/safe-text.ts';

/** Does something that takes a while, with a bar on the terminal. */
async function withBar<T>(context: Context, label: string, work: (bar: ProgressBar) => Promise<T>): Promise<T> {
  const bar = new ProgressBar(context.io, context.out.json, label);
  try {
    return await work(bar);
  } finally {
    bar.end();
  }
}

export const addFiles: AddCommand = (program, attach) => {
  const files = program.command('files').description('list and save what is attached to messages');

  const list = files
    .command('list <channel>', { isDefault: true })
    .description('what is attached to the messages of a channel, the latest first')
    .option('-n, --limit <count>', 'at most so many', wholeNumber(1, 100_000), 50)
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(list, async (context, [name = ''], options) => {
    const { out } = context;
    const node = await nodeOf(context, options);
    const channel = await channelOf(node, name);
    let left = numberOption(options, 'limit') ?? 50;
    for await (const message of backwards(node, channel.id)) {
      for (const attached of message.attachments ?? []) {
        if (left-- <= 0) return EXIT.ok;
        const { msg_id, sender } = message;
        out.object({ msg_id, channel_id: channel.id, sender, ...attached });
        out.line(`${msg_id}  ${safeText(sender.display)}  ${attachmentLine(attached)}`);
      }
    }
    return EXIT.ok;
  });

  const get = files
    .command('get <channel> <msg_id>')
    .description('save what is attached to a message; nothing is overwritten, and nothing opened')
    .argument('[index]', 'which of several, from 0', (value: string) => String(wholeNumber(0, 999)(value)))
    .option('-o, --output <path>', 'a new file, or a directory for it; default: its name, in this directory')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(get, async (context, [name = '', msgId = '', at = '0'], options) => {
    const { out } = context;
    const node = await nodeOf(context, options);
    const channel = await channelOf(node, name);
    const which = { channelId: channel.id, msgId, index: Number(at) };
    const attached = await findAttached(node, which);
    const path = freePath(textOption(options, 'output'), attached.name);
    const label = safeText(attached.name);
    if (attached.state !== 'here') {
      await withBar(context, label, (bar) =>
        fetchAttached(node, which, attached, {
          told({ state, have = 0 }) {
            out.object({ event: 'progress', state, have, size: attached.size });
            bar.update(have, attached.size, state === 'waiting' ? 'waiting for somebody who has it' : undefined);
          },
        }),
      );
    }
    const pieces = await node.attachment(channel.id, msgId, attached.index);
    const bytes = await withBar(context, `saving ${label}`, (bar) =>
      save(path, pieces, { told: (done) => bar.update(done, attached.size) }),
    );
    out.object({ ...attached, state: 'here', path });
    out.line(`${safeText(path)}: ${sizeText(bytes)}`);
    return EXIT.ok;
  });

  const large = files
    .command('large')
    .description('files that are too large for messages: fetched, being fetched, or sent from here')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(large, async (context, _, options) => {
    const known = await (await nodeOf(context, options)).files();
    if (known.length === 0) context.out.note('no large files are known here');
    for (const file of known) {
      context.out.object(file);
      const words = file.error ? `, ${safeText(file.error.message)}` : '';
      const what = file.path === undefined ? `from ${safeText(file.sender.display)}` : safeText(file.path);
      context.out.line(`${file.root}  ${sizeText(file.have)} of ${sizeText(file.size)}, ${file.state}${words}  ${what}`);
    }
    return EXIT.ok;
  });

  const remove = files
    .command('remove <root>')
    .description('end fetching a large file and remove it here; one of yours stays, and is not given to others any more')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(remove, async (context, [root = ''], options) => {
    if (!/^[0-9a-f]{64}$/.test(root)) throw new Failure('usage', 'a file is named by its root: see parley files large');
    await (await nodeOf(context, options)).removeFile(root);
    context.out.object({ root, removed: true });
    context.out.line(`removed ${root}`);
    return EXIT.ok;
  });
};
