import { open, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiClient, MessageView } from '@parley/host';
import { nodeOf } from '../api.ts';
import { channelOf } from '../channel-of.ts';
import { type AddCommand, type Context, dataOption, jsonOption, numberOption, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type Attached, attachmentLine } from '../format/attachments.ts';
import { ProgressBar } from '../progress.ts';
import { safeText } from '../text/safe-text.ts';
import { sizeText } from '../text/size.ts';

/** Messages that are asked for at a time, and looked through at most. */
const PAGE = 500;
const MOST_PAGES = 40;

/** Messages of a channel, the latest first. */
async function* backwards(node: ApiClient, channel: string): AsyncGenerator<MessageView> {
  let before: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await node.messages(channel, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    yield* page.toReversed();
    before = page[0]?.cursor;
    if (page.length < PAGE) return;
  }
}

/** Writes a new file: one that is there is never overwritten, and one that is not whole does not stay. */
async function save(path: string, pieces: AsyncIterable<Uint8Array>, progress: (bytes: number) => void): Promise<number> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') throw new Failure('conflict', `${path} is there already: give another name with --output`);
    throw error.code === 'ENOENT' ? new Failure('storage', `there is no directory for ${path}`) : error;
  });
  let bytes = 0;
  try {
    for await (const piece of pieces) {
      await file.writeFile(piece);
      bytes += piece.length;
      progress(bytes);
    }
  } catch (error) {
    await file.close();
    await rm(path, { force: true });
    throw error;
  }
  await file.close();
  return bytes;
}

/** Has a file fetched, and waits until it is here. */
async function fetchAndWait(context: Context, node: ApiClient, channel: string, msgId: string, attached: Attached): Promise<void> {
  const over = new AbortController();
  const events = node.events(over.signal);
  const bar = new ProgressBar(context.io, context.out.json, safeText(attached.name));
  try {
    await events.open;
    await node.fetchAttachment(channel, msgId, attached.index);
    // It may have come before anybody listened.
    let { state, have = 0, error }: Pick<Attached, 'state' | 'have' | 'error'> = await find(node, channel, msgId, attached.index);
    for await (const event of state === 'here' ? [] : events) {
      if (event.event !== 'attachment' || event.sha256 !== attached.sha256 || event.channel_id !== channel) continue;
      ({ state, have = 0, error } = event);
      context.out.object({ event: 'progress', state, have, size: attached.size });
      bar.update(have, attached.size, state === 'waiting' ? 'waiting for somebody who has it' : undefined);
      if (state === 'here' || error) break;
    }
    if (state !== 'here') throw new Failure(error?.code ?? 'failed', error?.message ?? 'the file could not be fetched');
  } finally {
    bar.end();
    over.abort();
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
    const attached = await find(node, channel.id, msgId, Number(at));
    const output = textOption(options, 'output');
    // What is there is a directory: into it.
    const inside = output !== undefined && (await stat(output).catch(() => undefined))?.isDirectory();
    const path = resolve(output ?? '', output === undefined || inside ? attached.name : '');
    if (attached.state !== 'here') await fetchAndWait(context, node, channel.id, msgId, attached);
    const bar = new ProgressBar(context.io, out.json, `saving ${safeText(attached.name)}`);
    const pieces = await node.attachment(channel.id, msgId, attached.index);
    const bytes = await save(path, pieces, (done) => bar.update(done, attached.size)).finally(() => bar.end());
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

async function find(node: ApiClient, channel: string, msgId: string, index: number): Promise<Attached> {
  for await (const message of backwards(node, channel)) {
    if (message.msg_id !== msgId && message.cursor !== msgId) continue;
    const attached = message.attachments?.[index];
    if (attached) return attached;
    break;
  }
  throw new Failure('not-found', `nothing is attached as ${index} to a message ${safeText(msgId)}`);
}
