import type { ChangeView, MessageView, Person } from '@parley/host';
import { titleOf } from '../channel-of.ts';
import type { Output } from '../io.ts';
import { safeText } from '../text/safe-text.ts';
import { colourOf } from '../text/style.ts';
import { dateTime } from '../text/time.ts';
import { truncate } from '../text/width.ts';
import { attachmentLine } from './attachments.ts';
import { changeLine } from './changes.ts';
import { failures, signOf } from './delivery.ts';
import { saidFirst } from './forwarded.ts';

const QUOTE_WIDTH = 60;
const MOST_REMEMBERED = 1000;
/** Those who are named are known as the node has named them. */
const NOBODY = new Map<string, Person>();

/** Prints messages: an object a line for programs, and for people `2025-03-04 14:02  alice#1a2b  text`. */
export class MessagePrinter {
  readonly #out: Output;
  readonly #channel: boolean;
  readonly #ids: boolean;
  /** What was printed lately, by id, for those who answer it. */
  readonly #printed = new Map<string, MessageView>();

  /** `channel`: say in which channel each is. `ids`: and its id, by which commands know it. */
  constructor(out: Output, options: { readonly channel: boolean; readonly ids?: boolean }) {
    this.#out = out;
    this.#channel = options.channel;
    this.#ids = options.ids === true;
  }

  message(message: MessageView): void {
    const { style } = this.#out;
    this.#out.object(message);
    this.#remember(message);
    const [first = '', ...rest] = said(message).split('\n');
    const head = [
      ...(this.#ids ? [style.dim(safeText(message.msg_id))] : []),
      style.dim(dateTime(Date.parse(message.time))),
      ...(this.#channel ? [style.dim(safeText(titleOf({ name: message.channel, kind: message.channel_kind })))] : []),
      style.colour(colourOf(message.sender.node_id), safeText(message.sender.display)),
      message.deleted ? style.dim(first) : first,
      ...marks(message).map((mark) => style.dim(mark)),
    ];
    this.#out.line(head.join('  '));
    if (message.reply_to !== undefined)
      this.#out.line(style.dim(`    in reply to ${quote(message.reply_to, this.#printed.get(message.reply_to))}`));
    // What a person wrote in further lines does not look like further messages.
    for (const line of rest) this.#out.line(`    ${line}`);
    const reactions = (message.reactions ?? []).map(({ emoji, by }) => `${safeText(emoji)} ${by.length}`);
    if (reactions.length > 0) this.#out.line(style.dim(`    ${reactions.join('  ')}`));
    for (const attached of message.attachments ?? []) this.#out.line(style.dim(`    ${attachmentLine(attached)}`));
    for (const failure of message.delivery ? failures(message.delivery) : []) this.#out.line(style.colour('red', `    ${failure}`));
  }

  /** A line for people; programs ask for what was changed by itself. */
  change(change: ChangeView): void {
    this.#out.line(this.#out.style.dim(`${dateTime(Date.parse(change.time))}  * ${changeLine(change, NOBODY)}`));
  }

  #remember(message: MessageView): void {
    // Ids are their senders' own choice: the first that bears one is the one that others have answered.
    if (!this.#printed.has(message.msg_id)) this.#printed.set(message.msg_id, message);
    for (const id of this.#printed.keys()) {
      if (this.#printed.size <= MOST_REMEMBERED) break;
      this.#printed.delete(id);
    }
  }
}

/** What a message says now. */
function said({ text, deleted }: MessageView): string {
  return deleted ? `(deleted by ${safeText(deleted.by.display)})` : safeText(text, { lines: true });
}

function marks({ sender, edited, pinned, delivery }: MessageView): string[] {
  const revoked = sender.of?.former ? '(from a revoked device)' : [];
  return [
    revoked,
    edited === undefined ? [] : '(edited)',
    pinned === undefined ? [] : '(pinned)',
    (delivery && signOf(delivery)) ?? [],
  ].flat();
}

/** The message that another answers, shortly: who said it and how it begins, or its id where it is not at hand. */
export function quote(msgId: string, message: MessageView | undefined): string {
  if (!message) return `the message ${safeText(msgId)}`;
  const begins = message.deleted ? '(deleted)' : safeText(saidFirst(message.text));
  return `${safeText(message.sender.display)}: ${truncate(begins, QUOTE_WIDTH)}`;
}
