import type { DeliveryView, MessageView } from '@parley/host';
import { titleOf } from '../channel-of.ts';
import type { Output } from '../io.ts';
import { safeText } from '../text/safe-text.ts';
import { colourOf } from '../text/style.ts';
import { dateTime } from '../text/time.ts';
import { truncate } from '../text/width.ts';
import { attachmentLine } from './attachments.ts';

const QUOTE_WIDTH = 60;
const MOST_REMEMBERED = 1000;

/** Prints messages: an object a line for programs, and for people `2025-03-04 14:02  alice#1a2b  text`. */
export class MessagePrinter {
  readonly #out: Output;
  readonly #channel: boolean;
  /** What was printed lately, by id, for those who answer it. */
  readonly #printed = new Map<string, MessageView>();

  /** `channel`: say in which channel each is. */
  constructor(out: Output, options: { readonly channel: boolean }) {
    this.#out = out;
    this.#channel = options.channel;
  }

  message(message: MessageView): void {
    const { style } = this.#out;
    this.#out.object(message);
    this.#remember(message);
    const [first = '', ...rest] = said(message).split('\n');
    const head = [
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
  }

  #remember(message: MessageView): void {
    this.#printed.set(message.msg_id, message);
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

function marks({ edited, pinned }: MessageView): string[] {
  return [edited === undefined ? [] : '(edited)', pinned === undefined ? [] : '(pinned)'].flat();
}

/** The message that another answers, shortly: who said it and how it begins, or its id where it is not at hand. */
export function quote(msgId: string, message: MessageView | undefined): string {
  if (!message) return `the message ${safeText(msgId)}`;
  return `${safeText(message.sender.display)}: ${truncate(safeText(message.text.split('\n', 1)[0] ?? ''), QUOTE_WIDTH)}`;
}

const MOST_NAMES = 5;

function names(recipients: DeliveryView['recipients']): string {
  const shown = recipients.slice(0, MOST_NAMES).map(({ display }) => safeText(display));
  const more = recipients.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

/** Where an own message stands, in a line for people. */
export function deliveryLine(delivery: DeliveryView): string {
  const { state, recipients } = delivery;
  if (recipients.length === 0) return 'nobody else is in the channel';
  const at = (...states: string[]) => recipients.filter((recipient) => states.includes(recipient.state));
  const groups: [string, DeliveryView['recipients']][] = [
    ['delivered to', at('delivered', 'read')],
    ['stored for', at('stored')],
    ['sent towards', at('sent')],
    ['sending to', at('waiting')],
    ['not delivered to', at('failed', 'expired')],
  ];
  const parts = groups.filter(([, people]) => people.length > 0).map(([word, people]) => `${word} ${names(people)}`);
  return parts.length === 0 ? String(state) : parts.join('; ');
}
