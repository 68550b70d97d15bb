import { basename, resolve } from 'node:path';
import type { ApiClient, DeliveryView, MessageView } from '@parley/host';
import { InvalidArgumentError } from 'commander';
import { nodeOf } from '../api.ts';
import { channelOf, titleOf } from '../channel-of.ts';
import {
  type AddCommand,
  type Context,
  collect,
  dataOption,
  jsonOption,
  listOption,
  numberOption,
  seconds,
  textOption,
} from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import { deliveryLine, recipientsOf } from '../format/delivery.ts';
import { ProgressBar } from '../progress.ts';
import { safeText } from '../text/safe-text.ts';

const STEPS: Readonly<Record<string, number>> = { sending: 0, sent: 1, stored: 2, delivered: 3, read: 4 };
const WAITS = ['sent', 'stored', 'delivered'];
const MOST_INPUT_BYTES = 1024 * 1024;

function waitOption(value: string): string {
  if (!WAITS.includes(value)) throw new InvalidArgumentError(`It is one of ${WAITS.join(', ')}.`);
  return value;
}

/** Standard input as text, without the line feed that ends a file. */
async function readInput(context: Context): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of context.io.stdin) {
    const part = Buffer.from(chunk);
    bytes += part.length;
    if (bytes > MOST_INPUT_BYTES) throw new Failure('too-large', 'the text on standard input is larger than any message may be');
    chunks.push(part);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

function reached(delivery: DeliveryView | undefined, wanted: string): boolean {
  return delivery !== undefined && (STEPS[String(delivery.state)] ?? -1) >= (STEPS[wanted] ?? 0);
}

/** Sends, and follows the message until it stands where it was wanted, or has failed, or the time is up. */
async function sendAndWait(node: ApiClient, send: () => Promise<MessageView>, wanted: string, timeoutS: number): Promise<MessageView> {
  const over = new AbortController();
  // A timer of our own: nothing keeps `AbortSignal.timeout` alive inside `AbortSignal.any`, and what is collected never fires.
  const timer = setTimeout(() => over.abort(), timeoutS * 1000);
  // What is told between sending and listening would be missed: listen first.
  const events = node.events(over.signal);
  try {
    await events.open;
    const message = await send();
    let delivery = message.delivery;
    if (!reached(delivery, wanted)) {
      for await (const event of events) {
        if (event.event !== 'delivery' || event.msg_id !== message.msg_id) continue;
        delivery = event.delivery;
        if (reached(delivery, wanted) || delivery.state === 'failed') break;
      }
    }
    return delivery === undefined ? message : { ...message, delivery };
  } finally {
    clearTimeout(timer);
    // The process would not end while it listens.
    over.abort();
  }
}

/** Large files are read, sealed and hashed before the message can name them: shows how far that is. */
async function withProgress(context: Context, node: ApiClient, send: () => Promise<MessageView>): Promise<MessageView> {
  const over = new AbortController();
  const events = node.events(over.signal);
  const watch = async (): Promise<void> => {
    let bar: ProgressBar | undefined;
    let shown = '';
    for await (const event of events) {
      if (event.event !== 'reading') continue;
      if (event.path !== shown) bar?.end();
      if (event.path !== shown) bar = new ProgressBar(context.io, context.out.json, safeText(basename(event.path)));
      shown = event.path;
      bar?.update(event.have, event.size);
      if (event.have === event.size) bar?.end();
    }
  };
  try {
    await events.open;
    // It is only shown: what fails here fails in sending too.
    watch().catch(() => {});
    return await send();
  } finally {
    over.abort();
  }
}

export const addSend: AddCommand = (program, attach) => {
  const command = program
    .command('send <channel> [text...]')
    .description(
      'send a message to a channel, or to a contact as @NAME; without a text or a file, or with -, it is read from standard input',
    )
    .option('-r, --reply-to <msg_id>', 'it answers this message of the channel (see read --ids)')
    .option('-a, --file <path>', 'attach this file; may be given several times', collect)
    .option('-w, --wait <state>', 'wait until the message is sent, stored or delivered', waitOption)
    .option('-t, --timeout <seconds>', 'how long to wait at most', seconds, 30)
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, [channel = '', ...words], options) => {
    const { out } = context;
    const given = words.join(' ');
    const files = listOption(options, 'file');
    const text = given === '-' || (given === '' && files.length === 0) ? await readInput(context) : given;
    if (text.trim() === '' && files.length === 0) throw new Failure('usage', 'there is no text to send');
    const node = await nodeOf(context, options);
    const wanted = textOption(options, 'wait');
    const timeoutS = numberOption(options, 'timeout') ?? 30;
    const replyTo = textOption(options, 'replyTo');
    const reply = replyTo === undefined ? {} : { reply_to: replyTo };
    // The node reads them: its directory need not be ours.
    const attached = files.length === 0 ? {} : { attachments: files.map((path) => ({ path: resolve(path) })) };
    const post = () =>
      node.send(channel, text, { ...reply, ...attached }).catch(async (error: unknown) => {
        // It says more of what was meant.
        if (failureOf(error)?.code === 'not-found') await channelOf(node, channel);
        throw error;
      });
    const send = () => (files.length === 0 ? post() : withProgress(context, node, post));
    const message = wanted === undefined ? await send() : await sendAndWait(node, send, wanted, timeoutS);
    const { delivery } = message;
    const alone = delivery !== undefined && recipientsOf(delivery).length === 0;
    const title = safeText(titleOf({ name: message.channel, kind: message.channel_kind }));
    out.object(alone ? { ...message, alone } : message);
    out.line(`${title}: ${alone ? 'kept here' : delivery === undefined ? 'sent' : deliveryLine(delivery)}`);
    // Whoever waits for its delivery should not take it for heard.
    if (alone) out.note(`nobody else is in ${title}: whoever joins will find the message`);
    if (wanted === undefined || reached(delivery, wanted)) return EXIT.ok;
    const where = delivery === undefined ? '' : `: ${deliveryLine(delivery)}`;
    if (delivery?.state === 'failed')
      throw new Failure('undelivered', `the message is kept here, and will not reach everybody${where}`, { msg_id: message.msg_id });
    throw new Failure('timeout', `not ${wanted} within ${timeoutS} s${where}; the node goes on trying`, { msg_id: message.msg_id });
  });
};
