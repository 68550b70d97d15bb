import type { Identity } from '../../identity/identity.ts';
import { type Awaitable, chain } from '../../util/awaitable.ts';
import { base64OfText, fromBase64 } from '../../util/base64.ts';
import { isLonger } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { isWellFormed } from '../../wire/json.ts';
import { type JwsReader, signJws, type VerifiedJws } from '../../wire/jws.ts';
import { parseTimestamp, timestamp } from '../../wire/message.ts';
import { type Static, validator } from '../../wire/schema.ts';
import { type Act, checkEmoji, saysNothing } from './act.ts';
import { MAX_TEXT_BYTES } from './limits.ts';
import { MAX_JWS_BYTES, MessagePayload } from './verbs.ts';

export type Payload = Static<typeof MessagePayload>;
export type Attachment = Payload['attachments'][number];

/** A message of a channel, as its sender signed it. */
export interface ChannelMessage {
  readonly channelId: string;
  /** Node id. */
  readonly sender: string;
  /** Key id: what signed it. */
  readonly keyId: string;
  readonly msgId: string;
  /** Counts from 1 for each sender in each channel. */
  readonly seq: number;
  /** Between this number and `seq` its sender left numbers free: none of them is missing. */
  readonly after?: number;
  /** Milliseconds since 1970, by the sender's clock. */
  readonly timestamp: number;
  readonly text: string;
  readonly attachments: readonly Attachment[];
  /** The `msgId` of the message of the same channel that it answers. Whether there is one is not known here. */
  readonly replyTo?: string;
  /** Key id of the one that it is for, in a direct conversation. */
  readonly to?: string;
  /** Seconds after which it goes. */
  readonly lifetime?: number;
  /** It stays, whatever its author said of that: nothing disappears where everybody may read. */
  readonly stays?: true;
  /** It says nothing new, and does something to an earlier message. */
  readonly act?: Act;
}

const payloads = validator(MessagePayload);
const ascii = new TextDecoder('utf-8', { fatal: true });
// Line feeds and tabs are text; other control characters would only act on somebody's terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;

/** Throws `bad-argument` or `too-large` for text that no node would take beside so many attachments. */
export function checkText(text: string, attachments = 0): void {
  if (text.length === 0 && attachments === 0)
    throw new ParleyError('bad-argument', 'a message has at least one character, or an attachment');
  if (control.test(text)) throw new ParleyError('bad-argument', 'a message holds no control characters but line feed and tab');
  // It would be signed, and nobody could read it: JSON on the wire holds whole characters alone.
  if (!isWellFormed(text)) throw new ParleyError('bad-argument', 'a message holds no half of a character (a lone surrogate)');
  if (isLonger(text, MAX_TEXT_BYTES)) throw new ParleyError('too-large', `a message has at most ${MAX_TEXT_BYTES / 1024} KiB of text`);
}

/** The same for a message that may act on another; an act has a text of its own kind, or none. */
export function checkSaying(text: string, act: Act | undefined, attachments = 0): void {
  if (act === undefined) checkText(text, attachments);
  else if (attachments > 0) throw new ParleyError('bad-argument', 'nothing is attached to what is done to a message');
  else if (act.kind === 'edit') checkText(text);
  else if (act.kind === 'react' || act.kind === 'unreact') checkEmoji(text);
  else if (saysNothing(act.kind) && text !== '') throw new ParleyError('bad-argument', `to ${act.kind} a message takes no text`);
  else if (text !== '') checkText(text);
}

/** Signs a message: the base64 of its JWS, as MESSAGE carries it. */
export function signMessage(identity: Identity, message: Omit<ChannelMessage, 'sender' | 'keyId'>): Awaitable<string> {
  const payload = {
    msg_id: message.msgId,
    node_id: identity.nodeId,
    channel_id: message.channelId,
    timestamp: timestamp(message.timestamp),
    text: message.text,
    attachments: message.attachments.map((attachment) => ({ ...attachment })),
    seq: message.seq,
    ...(message.after === undefined ? {} : { after: message.after }),
    ...(message.replyTo === undefined ? {} : { reply_to: message.replyTo }),
    ...(message.to === undefined ? {} : { to: message.to }),
    ...(message.lifetime === undefined ? {} : { lifetime: message.lifetime }),
    ...(message.act === undefined ? {} : { act: payloadOf(message.act) }),
  };
  return chain(signJws(identity, payload), (jws) => base64OfText(jws));
}

export type MessageFault = 'message-signature' | 'message-schema' | 'message-node-id' | 'message-text';

/** Verifies what `signMessage` made: the message, or what is wrong with it. For what comes without a MESSAGE around it. */
export function readMessage(reader: JwsReader, message: string): Awaitable<ChannelMessage | MessageFault> {
  const bytes = fromBase64(message);
  if (!bytes || bytes.length > MAX_JWS_BYTES) return 'message-schema';
  let compact: string;
  try {
    compact = ascii.decode(bytes);
  } catch {
    return 'message-schema';
  }
  return chain(reader.verify(compact), (verified) => (verified ? messageIn(verified) : 'message-signature'));
}

/** The message in a JWS whose signature fits, or what is wrong with it. */
export function messageIn({ payload, kid, nodeId, typ }: VerifiedJws): ChannelMessage | MessageFault {
  // A JWS that was signed for something else says so in `typ`.
  if (typ !== undefined || !payloads.check(payload)) return 'message-schema';
  if (payload.node_id !== nodeId) return 'message-node-id';
  const at = parseTimestamp(payload.timestamp);
  if (at === undefined || payload.seq === undefined) return 'message-schema';
  if (payload.after !== undefined && payload.after >= payload.seq) return 'message-schema';
  const act = payload.act && { kind: payload.act.kind, msgId: payload.act.msg_id, sender: payload.act.node_id, seq: payload.act.seq };
  // Without both, a file cannot be fetched or read.
  if (payload.attachments.some(({ root, key }) => (root === undefined) !== (key === undefined))) return 'message-schema';
  try {
    checkSaying(payload.text, act, payload.attachments.length);
  } catch {
    return 'message-text';
  }
  return {
    channelId: payload.channel_id,
    sender: nodeId,
    keyId: kid,
    msgId: payload.msg_id,
    seq: payload.seq,
    ...(payload.after === undefined ? {} : { after: payload.after }),
    timestamp: at,
    text: payload.text,
    attachments: payload.attachments,
    ...(payload.reply_to === undefined ? {} : { replyTo: payload.reply_to }),
    ...(payload.to === undefined ? {} : { to: payload.to }),
    ...(payload.lifetime === undefined ? {} : { lifetime: payload.lifetime }),
    ...(act ? { act } : {}),
  };
}

/** A message of a public channel. */
export function staying({ lifetime, ...message }: ChannelMessage): ChannelMessage {
  return lifetime === undefined ? message : { ...message, stays: true };
}

function payloadOf({ kind, msgId, sender, seq }: Act): NonNullable<Payload['act']> {
  return { kind, msg_id: msgId, node_id: sender, seq };
}
