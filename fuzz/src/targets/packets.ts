import {
  createIdentity,
  FIND_PACKET,
  isAnswer,
  KeyBook,
  makeRecord,
  PING_PACKET,
  parseUdpAddress,
  type QuestionBody,
  readAnswer,
  readQuestion,
  readRecord,
  STORE_PACKET,
  writeAnswer,
  writeQuestion,
} from '@parley/core';
import { createClock, createCrypto } from '@parley/host';
import type { SeededRandom } from '@parley/sim';
import { mutateBytes } from '../generate.ts';
import { must, readable, target } from '../target.ts';

const crypto = createCrypto();
const LIMIT = 1200;

/** The registry's packets: questions and answers, damaged; and the records in them, of which none that was changed may be believed. */
export const packets = target('registry-packets', async (random) => {
  const keys = new KeyBook(crypto);
  const time = Date.UTC(2026, 0, 1);
  const { identity } = await createIdentity({ crypto, random, clock: createClock() }, { name: 'ann', seed: random.bytes(32) });
  const content = { nodeType: 'server', endpoints: ['udp:192.0.2.1:4717'], attachments: [], metadata: { a: 'b' }, sealed: [] } as const;
  const record = await makeRecord(identity, content, { seq: 1, time, expires: time + 60_000 });
  let packet: Uint8Array = new Uint8Array(0);
  return {
    async input(inner) {
      const genuine = inner.chance(0.5) ? question(inner, record) : answer(inner, record);
      packet = inner.chance(0.1) ? genuine : mutateBytes(genuine, inner);
      const asked = packet.length > 1 && isAnswer(packet) ? undefined : readQuestion(packet);
      const answered = packet.length > 1 && isAnswer(packet) ? readAnswer(packet) : undefined;
      must(packet !== genuine || (asked ?? answered) !== undefined, 'a whole packet was refused');
      must(packet.length <= LIMIT || !(asked ?? answered), 'a packet above the size was taken');
      if (answered?.body) must(answered.covered.length + answered.proof.length === packet.length, 'a proof does not cover its packet');
      if (asked) again(asked.body, packet.length);
      const found =
        asked?.body.kind === STORE_PACKET ? asked.body.record : answered?.body?.kind === FIND_PACKET ? answered.body.record : undefined;
      if (!found) return;
      const read = await readRecord({ crypto, keys }, found, time);
      must(typeof read === 'string' || Buffer.from(found).equals(record), 'a record that nobody signed was believed');
    },
    last: () => readable(packet),
  };
});

/** What was read can be written, and is no larger than what came. */
function again(body: QuestionBody, length: number): void {
  const [transaction, key, session, token] = [8, 32, 32, 16].map((size) => new Uint8Array(size)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  must(writeQuestion({ transaction, key, session, token, wantsSignature: false, body }).length <= length, 'more was read than came');
}

function question(random: SeededRandom, record: Uint8Array): Uint8Array {
  const body = random.pick<QuestionBody>([
    { kind: PING_PACKET },
    { kind: PING_PACKET, signature: random.bytes(64) },
    { kind: FIND_PACKET, target: random.bytes(16), nodesOnly: random.chance(0.5), beside: random.chance(0.5) },
    { kind: STORE_PACKET, record },
  ]);
  const token = random.chance(0.5) ? undefined : random.bytes(16);
  const [transaction, key, session] = [random.bytes(8), random.bytes(32), random.bytes(32)];
  return writeQuestion({ transaction, key, session, token, wantsSignature: random.chance(0.5), body });
}

function answer(random: SeededRandom, record: Uint8Array): Uint8Array {
  const addresses = [`192.0.2.${1 + random.integer(9)}:1`, `[2001:db8::${random.integer(9)}]:${1 + random.integer(9)}`];
  const contacts = Array.from({ length: random.integer(25) }, () =>
    Uint8Array.of(...random.bytes(32), ...(parseUdpAddress(random.pick(addresses))?.bytes ?? [])),
  );
  const content = random.pick<Parameters<typeof writeAnswer>[1]>([
    { kind: PING_PACKET },
    { kind: FIND_PACKET, record: random.chance(0.5) ? record : undefined, contacts },
    { kind: STORE_PACKET, status: random.pick(['stored', 'same', 'stale', 'refused']) },
  ]);
  const signer = random.chance(0.5) ? { key: random.bytes(32), session: random.bytes(32) } : undefined;
  return writeAnswer({ transaction: random.bytes(8), token: random.bytes(16), signer }, content, LIMIT).packet;
}
