import { PUBLIC_KEY_BYTES } from '../../identity/ids.ts';
import { equalBytes } from '../../util/bytes.ts';
import { udpAddressBytes } from './addresses.ts';
import { PACKET_BYTES } from './config.ts';
import { ID_BYTES } from './ids.ts';
import { MAX_RECORD_BYTES } from './record.ts';
import { TOKEN_BYTES } from './tokens.ts';

export const FIRST_BYTE = 0xc0;
export const TRANSACTION_BYTES = 8;
export const SESSION_BYTES = 32;
export const SIGNATURE_BYTES = 64;
export const MAC_BYTES = 16;

/** What is asked. An answer has the same number with the top bit set. */
export const PING = 1;
export const FIND = 2;
export const STORE = 3;
/** Says only that the token is not good (any more): ask again. */
export const RETRY = 0x80;
export type QuestionKind = typeof PING | typeof FIND | typeof STORE;

/** Flags of a question: the answer is to be signed; the question is (PING alone); the record is of no interest (FIND alone). */
const WANTS_SIGNATURE = 1;
const SIGNED = 2;
const NODES_ONLY = 4;
const BESIDE_RECORD = 8;
/** Flag of an answer: it is signed, and names its key; else it bears an authenticator. */
const ANSWER_SIGNED = 1;

const QUESTION_HEAD = 4 + TRANSACTION_BYTES + PUBLIC_KEY_BYTES + SESSION_BYTES + TOKEN_BYTES;
/** What a signature of a PING covers of it. */
export const PING_BYTES = QUESTION_HEAD;
const ANSWER_HEAD = 4 + TRANSACTION_BYTES + TOKEN_BYTES;
const SIGNED_PONG = ANSWER_HEAD + PUBLIC_KEY_BYTES + SESSION_BYTES + SIGNATURE_BYTES;
const NO_TOKEN = new Uint8Array(TOKEN_BYTES);

/** The largest answer to each, and so the size of a question from an address that is not proved. */
export const LARGEST_ANSWER: Readonly<Record<QuestionKind, number>> = {
  [PING]: SIGNED_PONG,
  [FIND]: PACKET_BYTES,
  // What has no token is not stored.
  [STORE]: ANSWER_HEAD,
};

export interface Question {
  readonly kind: QuestionKind;
  readonly transaction: Uint8Array;
  /** The asker's Ed25519 key; only said, unless the question is signed. */
  readonly key: Uint8Array;
  /** The asker's X25519 key of this run. */
  readonly session: Uint8Array;
  /** Undefined: none. */
  readonly token: Uint8Array | undefined;
  readonly wantsSignature: boolean;
  readonly body: QuestionBody;
}

export type QuestionBody =
  | { readonly kind: typeof PING; readonly signature?: Uint8Array | undefined }
  /** `beside`: contacts are wanted also where there is a record. */
  | { readonly kind: typeof FIND; readonly target: Uint8Array; readonly nodesOnly: boolean; readonly beside?: boolean }
  | { readonly kind: typeof STORE; readonly record: Uint8Array };

/** A question as bytes. One without a token is padded with zeros to the size of the largest answer; so is one whose `padded` says so. */
export function writeQuestion(question: Omit<Question, 'kind'>): Uint8Array<ArrayBuffer> {
  const { body, token } = question;
  const least = token ? 0 : LARGEST_ANSWER[body.kind];
  const packet = new Uint8Array(Math.max(least, QUESTION_HEAD + bodyBytes(body)));
  packet[0] = FIRST_BYTE;
  packet[1] = body.kind;
  packet[2] = question.wantsSignature ? WANTS_SIGNATURE : 0;
  let at = put(packet, 4, question.transaction);
  at = put(packet, at, question.key);
  at = put(packet, at, question.session);
  at = put(packet, at, token ?? NO_TOKEN);
  if (body.kind === FIND) {
    if (body.nodesOnly) packet[2] = (packet[2] as number) | NODES_ONLY;
    if (body.beside) packet[2] = (packet[2] as number) | BESIDE_RECORD;
    put(packet, at, body.target);
  } else if (body.kind === STORE) {
    packet[at] = body.record.length >> 8;
    packet[at + 1] = body.record.length & 0xff;
    put(packet, at + 2, body.record);
  } else if (body.signature) {
    packet[2] = (packet[2] as number) | SIGNED;
    put(packet, at, body.signature);
  }
  return packet;
}

function bodyBytes(body: QuestionBody): number {
  if (body.kind === FIND) return ID_BYTES;
  if (body.kind === STORE) return 2 + body.record.length;
  return body.signature ? SIGNATURE_BYTES : 0;
}

/** Undefined when it is malformed. What it says is as good as whoever sent it. The parts are views of the packet. */
export function readQuestion(packet: Uint8Array): Question | undefined {
  const kind = packet[1];
  if (packet[0] !== FIRST_BYTE || packet[3] !== 0 || packet.length < QUESTION_HEAD || packet.length > PACKET_BYTES) return undefined;
  const flags = packet[2] as number;
  let at = 4;
  const take = (length: number): Uint8Array => {
    at += length;
    return packet.subarray(at - length, at);
  };
  const transaction = take(TRANSACTION_BYTES);
  const key = take(PUBLIC_KEY_BYTES);
  const session = take(SESSION_BYTES);
  const token = take(TOKEN_BYTES);
  const body = readBody(kind, flags, packet.subarray(at));
  if (!body) return undefined;
  return {
    kind: body.kind,
    transaction,
    key,
    session,
    token: equalBytes(token, NO_TOKEN) ? undefined : token,
    wantsSignature: (flags & WANTS_SIGNATURE) !== 0,
    body,
  };
}

function readBody(kind: number | undefined, flags: number, rest: Uint8Array): QuestionBody | undefined {
  if (kind === PING) {
    if ((flags & SIGNED) === 0) return { kind };
    return rest.length >= SIGNATURE_BYTES ? { kind, signature: rest.subarray(0, SIGNATURE_BYTES) } : undefined;
  }
  if (kind === FIND) {
    if (rest.length < ID_BYTES) return undefined;
    return {
      kind,
      target: rest.subarray(0, ID_BYTES),
      nodesOnly: (flags & NODES_ONLY) !== 0,
      ...((flags & BESIDE_RECORD) === 0 ? {} : { beside: true }),
    };
  }
  if (kind !== STORE || rest.length < 2) return undefined;
  const length = ((rest[0] as number) << 8) | (rest[1] as number);
  if (length === 0 || length > MAX_RECORD_BYTES || rest.length < 2 + length) return undefined;
  return { kind, record: rest.subarray(2, 2 + length) };
}

/** Whether a packet is an answer: a question otherwise. */
export function isAnswer(packet: Uint8Array): boolean {
  return ((packet[1] as number) & 0x80) !== 0;
}

/** How a question was met. `far`: not stored for want of room. */
export const STORED = ['stored', 'same', 'stale', 'refused'] as const;
export type StoredStatus = (typeof STORED)[number];

export type AnswerBody =
  | { readonly kind: typeof PING }
  | { readonly kind: typeof FIND; readonly record: Uint8Array | undefined; readonly contacts: Uint8Array }
  | { readonly kind: typeof STORE; readonly status: StoredStatus };

export interface Answer {
  readonly transaction: Uint8Array;
  /** For the address that asked. */
  readonly token: Uint8Array;
  /** Undefined where it is RETRY. */
  readonly body: AnswerBody | undefined;
  /** Where it is signed: by whom, and the X25519 key of its run. */
  readonly signer: { readonly key: Uint8Array; readonly session: Uint8Array } | undefined;
  /** Signature or authenticator, and what it covers of the packet. */
  readonly proof: Uint8Array;
  readonly covered: Uint8Array;
}

/** RETRY as bytes: no larger than any question. */
export function writeRetry(transaction: Uint8Array, token: Uint8Array): Uint8Array<ArrayBuffer> {
  const packet = new Uint8Array(ANSWER_HEAD);
  writeAnswerHead(packet, RETRY, 0, transaction, token);
  return packet;
}

/**
 * An answer as bytes, with room for its proof at the end. `contacts` (each as in `contactBytes`) are taken while they fit in `limit` bytes, at most
 * 255 of them.
 */
export function writeAnswer(
  answer: { readonly transaction: Uint8Array; readonly token: Uint8Array; readonly signer: Answer['signer'] },
  body:
    | { readonly kind: typeof PING }
    | { readonly kind: typeof FIND; readonly record: Uint8Array | undefined; readonly contacts: readonly Uint8Array[] }
    | { readonly kind: typeof STORE; readonly status: StoredStatus },
  limit: number,
): { readonly packet: Uint8Array<ArrayBuffer>; readonly covered: Uint8Array<ArrayBuffer> } {
  const { signer } = answer;
  const head = ANSWER_HEAD + (signer ? PUBLIC_KEY_BYTES + SESSION_BYTES : 0);
  const proofBytes = signer ? SIGNATURE_BYTES : MAC_BYTES;
  let length = head + proofBytes;
  const fitting: Uint8Array[] = [];
  if (body.kind === STORE) length += 1;
  if (body.kind === FIND) {
    length += 3 + (body.record?.length ?? 0);
    for (const contact of body.contacts) {
      if (length + contact.length > limit || fitting.length === 255) break;
      fitting.push(contact);
      length += contact.length;
    }
  }
  const packet = new Uint8Array(length);
  let at = writeAnswerHead(packet, 0x80 | body.kind, signer ? ANSWER_SIGNED : 0, answer.transaction, answer.token);
  if (signer) {
    at = put(packet, at, signer.key);
    at = put(packet, at, signer.session);
  }
  if (body.kind === STORE) packet[at] = STORED.indexOf(body.status);
  else if (body.kind === FIND) {
    const record = body.record ?? new Uint8Array(0);
    packet[at] = record.length >> 8;
    packet[at + 1] = record.length & 0xff;
    at = put(packet, at + 2, record);
    packet[at++] = fitting.length;
    for (const contact of fitting) at = put(packet, at, contact);
  }
  return { packet, covered: packet.subarray(0, length - proofBytes) };
}

/** Undefined when it is malformed. The parts are views of the packet. */
export function readAnswer(packet: Uint8Array): Answer | undefined {
  const kind = packet[1];
  if (packet[0] !== FIRST_BYTE || packet[3] !== 0 || packet.length < ANSWER_HEAD || packet.length > PACKET_BYTES) return undefined;
  const transaction = packet.subarray(4, 4 + TRANSACTION_BYTES);
  const token = packet.subarray(4 + TRANSACTION_BYTES, ANSWER_HEAD);
  const none = packet.subarray(0, 0);
  if (kind === RETRY) return { transaction, token, body: undefined, signer: undefined, proof: none, covered: none };
  const signed = ((packet[2] as number) & ANSWER_SIGNED) !== 0;
  const proofAt = packet.length - (signed ? SIGNATURE_BYTES : MAC_BYTES);
  const bodyAt = ANSWER_HEAD + (signed ? PUBLIC_KEY_BYTES + SESSION_BYTES : 0);
  if (proofAt < bodyAt) return undefined;
  const body = readAnswerBody(kind, packet.subarray(bodyAt, proofAt));
  if (!body) return undefined;
  const signer = signed
    ? {
        key: packet.subarray(ANSWER_HEAD, ANSWER_HEAD + PUBLIC_KEY_BYTES),
        session: packet.subarray(ANSWER_HEAD + PUBLIC_KEY_BYTES, bodyAt),
      }
    : undefined;
  return { transaction, token, body, signer, proof: packet.subarray(proofAt), covered: packet.subarray(0, proofAt) };
}

function readAnswerBody(kind: number | undefined, body: Uint8Array): AnswerBody | undefined {
  if (kind === (0x80 | PING)) return body.length === 0 ? { kind: PING } : undefined;
  if (kind === (0x80 | STORE)) {
    const status = body.length === 1 ? STORED[body[0] as number] : undefined;
    return status && { kind: STORE, status };
  }
  if (kind !== (0x80 | FIND) || body.length < 3) return undefined;
  const length = ((body[0] as number) << 8) | (body[1] as number);
  if (length > MAX_RECORD_BYTES || body.length < 3 + length) return undefined;
  const record = length === 0 ? undefined : body.subarray(2, 2 + length);
  const contacts = body.subarray(3 + length);
  let at = 0;
  for (let left = body[2 + length] as number; left > 0; left--) {
    const bytes = contactBytes(contacts, at);
    if (bytes === 0) return undefined;
    at += bytes;
  }
  return at === contacts.length ? { kind: FIND, record, contacts } : undefined;
}

/** How many bytes the contact at `offset` takes (its key, and its address); 0 when there is none. */
export function contactBytes(bytes: Uint8Array, offset: number): number {
  if (offset + PUBLIC_KEY_BYTES >= bytes.length) return 0;
  const address = udpAddressBytes(bytes, offset + PUBLIC_KEY_BYTES);
  return address === 0 ? 0 : PUBLIC_KEY_BYTES + address;
}

function writeAnswerHead(packet: Uint8Array, kind: number, flags: number, transaction: Uint8Array, token: Uint8Array): number {
  packet[0] = FIRST_BYTE;
  packet[1] = kind;
  packet[2] = flags;
  return put(packet, put(packet, 4, transaction), token);
}

function put(packet: Uint8Array, at: number, bytes: Uint8Array): number {
  packet.set(bytes, at);
  return at + bytes.length;
}
