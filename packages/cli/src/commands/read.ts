import type { ApiClient, MessageView } from '@parley/host';
import { nodeOf } from '../api.ts';
import { channelOf, titleOf } from '../channel-of.ts';
import { type AddCommand, type Context, dataOption, jsonOption, numberOption, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import { endedWords } from '../format/channels.ts';
import { MessagePrinter } from '../format/messages.ts';
import { retryDelay } from '../retry.ts';
import { safeText } from '../text/safe-text.ts';

/** Most messages that the node gives at once. */
const PAGE = 500;

/** The `limit` latest messages before a cursor, oldest first, however many pages that takes. */
async function latest(node: ApiClient, channel: string, limit: number, before: string | undefined): Promise<MessageView[]> {
  const pages: MessageView[][] = [];
  let cursor = before;
  for (let left = limit; left > 0; ) {
    const size = Math.min(left, PAGE);
    const page = await node.messages(channel, { limit: size, ...(cursor === undefined ? {} : { before: cursor }) });
    pages.unshift(page);
    left -= page.length;
    cursor = page[0]?.cursor;
    if (page.length < size) break;
  }
  return pages.flat();
}

/** Prints each message once. */
class Once {
  readonly #printer: MessagePrinter;
  readonly #printed = new Set<string>();

  constructor(printer: MessagePrinter) {
    this.#printer = printer;
  }

  print(message: MessageView): void {
    if (this.#printed.has(message.cursor)) return;
    this.#printed.add(message.cursor);
    this.#printer.message(message);
    // As many as are ever read again at once.
    for (const id of this.#printed) {
      if (this.#printed.size <= 2 * PAGE) break;
      this.#printed.delete(id);
    }
  }
}

/** Prints what comes, until the node goes away; that is thrown. */
async function follow(node: ApiClient, channelId: string, first: () => Promise<MessageView[]>, once: Once): Promise<void> {
  const end = new AbortController();
  const events = node.events(end.signal);
  try {
    await events.open;
    for (const message of await first()) once.print(message);
    for await (const event of events) if (event.event === 'message' && event.message.channel_id === channelId) once.print(event.message);
  } finally {
    end.abort();
  }
}

/** Follows a channel for ever, over restarts of the node. */
async function followAlways(context: Context, node: ApiClient, channelId: string, limit: number, once: Once): Promise<never> {
  let first = () => latest(node, channelId, limit, undefined);
  for (let attempt = 0; ; attempt++) {
    try {
      await follow(node, channelId, first, once);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure || !['closed', 'no-node', 'quota', 'timeout'].includes(failure.code)) throw error;
      if (failure.code === 'closed') {
        attempt = 0;
        context.out.note('the node went away: waiting for it');
      }
    }
    // What came meanwhile is read again; what was printed is not printed twice.
    first = () => latest(node, channelId, PAGE, undefined);
    await retryDelay(attempt);
  }
}

export const addRead: AddCommand = (program, attach) => {
  const command = program
    .command('read <channel>')
    .description('print the latest messages of a channel, or with a contact as @NAME, oldest first')
    .option('-n, --limit <count>', 'at most so many', wholeNumber(0, 1_000_000), 50)
    .option('-b, --before <cursor>', 'those before this one (`cursor` of a message, see --json)')
    .option('-f, --follow', 'stay, and print what comes')
    .option('-i, --ids', 'begin each with its id, for edit, delete, react, pin and send --reply-to')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, [name = ''], options) => {
    const limit = numberOption(options, 'limit') ?? 50;
    const before = textOption(options, 'before');
    if (before !== undefined && options.follow === true)
      throw new Failure('usage', 'what comes is not before anything: give --before or --follow');
    const node = await nodeOf(context, options);
    const channel = await channelOf(node, name);
    const once = new Once(new MessagePrinter(context.out, { channel: false, ids: options.ids === true }));
    if (options.follow === true) {
      if (channel.ended) throw new Failure('not-member', `nothing more comes in ${titleOf(channel)}: ${endedWords(channel)}`);
      if (!channel.joined) throw new Failure('not-member', `join ${titleOf(channel)} to follow it`);
      return await followAlways(context, node, channel.id, limit, once);
    }
    for (const message of await latest(node, channel.id, limit, before)) once.print(message);
    if (channel.ended) context.out.note(`${safeText(titleOf(channel))}: ${endedWords(channel)}; this is what is kept of it`);
    return EXIT.ok;
  });
};
