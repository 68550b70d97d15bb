import { errorCode, FrameDecoder, jsonFrame, writeDataHeader } from '@parley/core';
import type { SeededRandom } from '@parley/sim';
import { mutateBytes } from '../generate.ts';
import { must, readable, target } from '../target.ts';

const LIMIT = 4096;

/** The framing: streams of frames, damaged, in chunks of any size. */
export const framing = target('framing', () => {
  let stream: Uint8Array = new Uint8Array(0);
  return {
    input(random) {
      stream = Buffer.concat(Array.from({ length: 1 + random.integer(5) }, () => frame(random)));
      const whole = random.chance(0.3);
      if (!whole) stream = mutateBytes(stream, random);
      const once = decode([stream]);
      must(['fine', 'too-large', 'bad-frame'].includes(once.outcome), `the decoder failed with ${once.outcome}`);
      must(!whole || (once.outcome === 'fine' && once.idle), 'whole frames were refused');
      const again = decode(cut(stream, random));
      must(again.seen === once.seen && again.outcome === once.outcome && again.idle === once.idle, 'the chunks changed what was decoded');
    },
    last: () => readable(stream),
  };
});

function frame(random: SeededRandom): Uint8Array {
  if (random.chance(0.2)) return new Uint8Array(4);
  if (random.chance(0.5)) return jsonFrame(`{"a":"${'x'.repeat(random.integer(200))}"}`);
  const length = random.integer(200);
  const bytes = new Uint8Array(8 + length);
  writeDataHeader(bytes, 0, random.word(), length);
  bytes.set(random.bytes(length), 8);
  return bytes;
}

function cut(stream: Uint8Array, random: SeededRandom): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = 1 + random.integer(random.chance(0.5) ? 4 : 300);
    chunks.push(stream.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

function decode(chunks: readonly Uint8Array[]): { seen: string; outcome: string; idle: boolean } {
  let seen = '';
  let transfer: number | undefined;
  const decoder = new FrameDecoder({
    maxFrameBytes: LIMIT,
    handler: {
      message: (json) => {
        seen += `|message ${Buffer.from(json).toString('hex')}`;
        transfer = undefined;
      },
      data: (number, bytes) => {
        // The bytes of a transfer may come in any number of calls.
        if (transfer !== number) seen += `|data ${number} `;
        seen += Buffer.from(bytes).toString('hex');
        transfer = number;
      },
      keepAlive: () => {
        seen += '|keep-alive';
        transfer = undefined;
      },
    },
  });
  let outcome = 'fine';
  try {
    for (const chunk of chunks) decoder.push(chunk);
  } catch (error) {
    outcome = errorCode(error);
  }
  return { seen, outcome, idle: decoder.idle };
}
