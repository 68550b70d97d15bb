import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PACKET_BYTES } from './config.ts';
import {
  FIND,
  isAnswer,
  LARGEST_ANSWER,
  MAC_BYTES,
  PING,
  type Question,
  type QuestionBody,
  readAnswer,
  readQuestion,
  SIGNATURE_BYTES,
  STORE,
  writeAnswer,
  writeQuestion,
  writeRetry,
} from './packets.ts';
import { MAX_RECORD_BYTES } from './record.ts';

const bytes = (length: number, fill = length) => new Uint8Array(length).fill(fill);
const transaction = bytes(8);
const token = bytes(16);
const signer = { key: bytes(32, 5), session: bytes(32, 6) };
const v4 = Uint8Array.of(...bytes(32, 1), 4, 10, 0, 0, 1, 16, 0);
const v6 = Uint8Array.of(...bytes(32, 2), 6, ...bytes(16, 3), 16, 0);

function question(body: QuestionBody, changes: Partial<Question> = {}): Uint8Array<ArrayBuffer> {
  return writeQuestion({ transaction, key: bytes(32), session: bytes(32, 9), token, wantsSignature: false, body, ...changes });
}

describe('questions', () => {
  it.each<[string, QuestionBody]>([
    ['PING', { kind: PING }],
    ['a signed PING', { kind: PING, signature: bytes(64) }],
    ['FIND', { kind: FIND, target: bytes(16), nodesOnly: false }],
    ['FIND for contacts too', { kind: FIND, target: bytes(16), nodesOnly: false, beside: true }],
    ['FIND for nodes alone', { kind: FIND, target: bytes(16), nodesOnly: true }],
    ['STORE', { kind: STORE, record: bytes(MAX_RECORD_BYTES, 1) }],
  ])('of %s come back as they were', (_, body) => {
    for (const wantsSignature of [true, false]) {
      const packet = question(body, { wantsSignature });
      expect(packet.length).toBeLessThanOrEqual(PACKET_BYTES);
      expect(isAnswer(packet)).toBe(false);
      const read = readQuestion(packet);
      expect(read).toMatchObject({ kind: body.kind, transaction, key: bytes(32), session: bytes(32, 9), token, wantsSignature });
      expect({ ...read?.body }).toEqual(body);
    }
  });

  it('are as large as the largest answer until there is a token', () => {
    const target = bytes(16);
    expect(question({ kind: PING }, { token: undefined }).length).toBe(LARGEST_ANSWER[PING]);
    expect(question({ kind: FIND, target, nodesOnly: false }, { token: undefined }).length).toBe(PACKET_BYTES);
    expect(question({ kind: FIND, target, nodesOnly: false }).length).toBe(108);
    expect(readQuestion(question({ kind: PING }, { token: undefined }))?.token).toBeUndefined();
    // Nothing that answers is larger than what asks without a token.
    const { packet } = writeAnswer({ transaction, token, signer }, { kind: PING }, PACKET_BYTES);
    expect(packet.length).toBe(LARGEST_ANSWER[PING]);
    expect(writeRetry(transaction, token).length).toBeLessThan(question({ kind: PING }).length);
  });

  it('are refused when they are cut short, or say what there is not', () => {
    const whole = question({ kind: STORE, record: bytes(100, 1) });
    for (let length = 0; length < whole.length; length++) expect(readQuestion(whole.subarray(0, length))).toBeUndefined();
    for (const [at, value] of [
      [0, 0xc1],
      [1, 7],
      [3, 1],
    ] as const) {
      const changed = new Uint8Array(whole);
      changed[at] = value;
      expect(readQuestion(changed)).toBeUndefined();
    }
    expect(readQuestion(bytes(PACKET_BYTES + 1, 0xc0))).toBeUndefined();
  });

  it('and answers may be any bytes, and nothing is thrown', () => {
    const packet = fc.uint8Array({ minLength: 0, maxLength: 1250 });
    fc.assert(
      fc.property(packet, fc.integer({ min: 0, max: 3 }), fc.boolean(), (random, kind, answer) => {
        const given = Uint8Array.of(0xc0, kind | (answer ? 0x80 : 0), random[2] ?? 0, 0, ...random.subarray(4));
        for (const each of [random, given]) {
          readQuestion(each);
          const read = readAnswer(each);
          if (read?.body) expect(read.covered.length + read.proof.length).toBe(each.length);
        }
      }),
    );
  });
});

describe('answers', () => {
  it('come back as they were, with what their proof covers', () => {
    const record = bytes(500, 7);
    for (const who of [signer, undefined]) {
      const { packet, covered } = writeAnswer(
        { transaction, token, signer: who },
        { kind: FIND, record, contacts: [v4, v6] },
        PACKET_BYTES,
      );
      expect(packet.length - covered.length).toBe(who ? SIGNATURE_BYTES : MAC_BYTES);
      expect(isAnswer(packet)).toBe(true);
      const read = readAnswer(packet);
      expect(read).toMatchObject({ transaction, token, signer: who, body: { kind: FIND, record } });
      expect(read?.covered).toEqual(covered);
      expect(read?.body?.kind === FIND && [...read.body.contacts]).toEqual([...v4, ...v6]);
    }
  });

  it('name as many contacts as there is room for', () => {
    const contacts = Array.from({ length: 40 }, () => v6);
    const all = writeAnswer({ transaction, token, signer }, { kind: FIND, record: bytes(MAX_RECORD_BYTES), contacts }, PACKET_BYTES);
    expect(all.packet.length).toBeLessThanOrEqual(PACKET_BYTES);
    const few = writeAnswer({ transaction, token, signer: undefined }, { kind: FIND, record: undefined, contacts }, 108);
    expect(few.packet.length).toBeLessThanOrEqual(108);
    expect(readAnswer(few.packet)).toBeDefined();
    const twenty = writeAnswer(
      { transaction, token, signer },
      { kind: FIND, record: undefined, contacts: contacts.slice(0, 19) },
      PACKET_BYTES,
    );
    expect(readAnswer(twenty.packet)?.body).toMatchObject({ contacts: { length: 19 * v6.length } });
  });

  it('to STORE say what became of it, and RETRY nothing', () => {
    const { packet } = writeAnswer({ transaction, token, signer: undefined }, { kind: STORE, status: 'stale' }, PACKET_BYTES);
    expect(readAnswer(packet)?.body).toEqual({ kind: STORE, status: 'stale' });
    expect(readAnswer(writeRetry(transaction, token))).toMatchObject({ transaction, token, body: undefined });
  });
});
