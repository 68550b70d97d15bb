import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ApiClient, MessageView } from '@parley/host';
import { nodeOf } from '../api.ts';
import { channelOf } from '../channel-of.ts';
import { type AddCommand, dataOption, jsonOption, numberOption, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { type Attached, attachmentLine } from '../format/attachments.ts';
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

/** Writes a new file: one that is there is never overwritten. */
async function save(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Failure('conflict', `${path} is there already: give another name with --output`) : error;
  });
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
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
    .command('get <channel> <msg_id> [index]')
    .description('save what is attached to a message; nothing is overwritten, and nothing opened')
    .option('-o, --output <path>', 'where to; default: its name, in this directory')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(get, async (context, [name = '', msgId = '', at = '0'], options) => {
    const { out } = context;
    const node = await nodeOf(context, options);
    const channel = await channelOf(node, name);
    const attached = await find(node, channel.id, msgId, wholeNumber(0, 999)(at));
    const path = resolve(textOption(options, 'output') ?? attached.name);
    const bytes = await node.attachment(channel.id, msgId, attached.index);
    await save(path, bytes);
    out.object({ ...attached, path });
    out.line(`${safeText(path)}: ${sizeText(bytes.length)}`);
    return EXIT.ok;
  });
};

async function find(node: ApiClient, channel: string, msgId: string, index: number): Promise<Attached> {
  for await (const message of backwards(node, channel)) {
    if (message.msg_id !== msgId) continue;
    const attached = message.attachments?.[index];
    if (attached) return attached;
    break;
  }
  throw new Failure('not-found', `nothing is attached as ${index} to a message ${safeText(msgId)}`);
}
