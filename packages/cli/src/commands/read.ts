import { inTime } from '@parley/core';
import type { ApiClient, ChangeView, ChannelView, MessageView } from '@parley/host';
import { nodeOf } from '../api.ts';
import { channelOf, titleOf } from '../channel-of.ts';
import { type AddCommand, type Context, dataOption, jsonOption, numberOption, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import { changesAmong } from '../format/changes.ts';
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

/** What of a message, once it was printed, is worth printing it again. */
const standing = ({ edited, deleted, reactions, pinned }: MessageView, all: boolean): string =>
  JSON.stringify(all ? [edited, deleted, reactions, pinned] : [edited, deleted]);

/** Prints each message and each change once; a message again when it is edited or deleted, and for programs also when others react to it or it is pinned. */
class Once {
  readonly #printer: MessagePrinter;
  readonly #forPrograms: boolean;
  /** By cursor: how it stood. */
  readonly #printed = new Map<string, string>();
  #known: ReadonlySet<string> | undefined;

  constructor(printer: MessagePrinter, forPrograms: boolean) {
    this.#printer = printer;
    this.#forPrograms = forPrograms;
  }

  /** In the order of time. Of all changes those `among` these messages at first, and later what is new, whenever it is dated. */
  async all(messages: readonly MessageView[], changes: readonly ChangeView[], among: readonly ChangeView[]): Promise<void> {
    const known = this.#known;
    this.#known = new Set(changes.map(({ id }) => id));
    const told = known ? changes.filter(({ id }) => !known.has(id)) : among;
    for await (const line of inTime(messages, told)) {
      if ('change' in line) this.#printer.change(line.change);
      else this.message(line.message);
    }
  }

  message(message: MessageView): void {
    if (this.#printed.has(message.cursor)) return;
    this.#print(message);
    // As many as are ever read again at once.
    for (const id of this.#printed.keys()) {
      if (this.#printed.size <= 2 * PAGE) break;
      this.#printed.delete(id);
    }
  }

  /** Something was done to a message. */
  changed(message: MessageView): void {
    const before = this.#printed.get(message.cursor);
    if (before !== undefined && before !== standing(message, this.#forPrograms)) this.#print(message);
  }

  #print(message: MessageView): void {
    this.#printed.set(message.cursor, standing(message, this.#forPrograms));
    this.#printer.message(message);
  }
}

interface Reading {
  readonly context: Context;
  readonly node: ApiClient;
  readonly channel: ChannelView;
  readonly once: Once;
}

/** Prints the latest messages, and what was changed in their time. `before`: a cursor. */
async function printLatest({ context, node, channel, once }: Reading, limit: number, before?: string): Promise<void> {
  const { id, kind = 'public' } = channel;
  const messages = await latest(node, id, limit, before);
  // Programs are given messages alone, and in public channels nothing is changed that would be told of.
  const changes = context.out.json || kind === 'public' ? [] : await node.changes(id);
  const among = changesAmong(changes, messages, { first: messages.length < limit, last: before === undefined && limit > 0 });
  await once.all(messages, changes, among);
}

/** Prints what comes, until the node goes away; that is thrown. `limit`: messages to begin with. */
async function follow(reading: Reading, limit: number): Promise<void> {
  const { node, channel, once } = reading;
  const end = new AbortController();
  const events = node.events(end.signal);
  try {
    await events.open;
    await printLatest(reading, limit);
    for await (const event of events) {
      if (event.event === 'message' && event.message.channel_id === channel.id) once.message(event.message);
      else if (event.event === 'changed' && event.message.channel_id === channel.id) once.changed(event.message);
      else if (event.event === 'channel' && event.channel_id === channel.id) await printLatest(reading, 0);
    }
  } finally {
    end.abort();
  }
}

/** Follows a channel for ever, over restarts of the node. */
async function followAlways(reading: Reading, limit: number): Promise<never> {
  let first = limit;
  for (let attempt = 0; ; attempt++) {
    try {
      await follow(reading, first);
    } catch (error) {
      const failure = failureOf(error);
      if (!failure || !['closed', 'no-node', 'quota', 'timeout'].includes(failure.code)) throw error;
      if (failure.code === 'closed') {
        attempt = 0;
        reading.context.out.note('the node went away: waiting for it');
      }
    }
    // What came meanwhile is read again; what was printed is not printed twice.
    first = PAGE;
    await retryDelay(attempt);
  }
}

export const addRead: AddCommand = (program, attach) => {
  const command = program
    .command('read <channel>')
    .description(
      'print the latest messages of a channel, or with a contact as @NAME, oldest first, and what was changed about it meanwhile',
    )
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
    const once = new Once(new MessagePrinter(context.out, { channel: false, ids: options.ids === true }), context.out.json);
    const reading = { context, node, channel, once };
    if (options.follow === true) {
      if (channel.ended) throw new Failure('not-member', `nothing more comes in ${titleOf(channel)}: ${endedWords(channel)}`);
      if (!channel.joined) throw new Failure('not-member', `join ${titleOf(channel)} to follow it`);
      return await followAlways(reading, limit);
    }
    await printLatest(reading, limit, before);
    if (channel.ended) context.out.note(`${safeText(titleOf(channel))}: ${endedWords(channel)}; this is what is kept of it`);
    return EXIT.ok;
  });
};
