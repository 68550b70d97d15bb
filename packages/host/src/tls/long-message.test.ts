import { jsonFrame } from '@parley/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SMALL_STAGE_BYTES } from '../sockets/stages.ts';
import { LongMessage } from './long-message.ts';

/** Frames whose pieces end within characters of every length in UTF-8, and of two halves. */
const texts = fc
  .tuple(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 600 }))
  .map(([text, times]) => text.repeat(times));

function pieces(message: LongMessage): Uint8Array[] {
  const all: Uint8Array[] = [];
  while (message.length > 0) {
    const room = Buffer.alloc(SMALL_STAGE_BYTES);
    all.push(room.subarray(0, message.take(room)));
  }
  return all;
}

it('is the same frame as a message that is written at once, in pieces of little more than a page', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const frame = jsonFrame(text);
      const message = new LongMessage(text, frame.length);
      expect(message.length).toBe(frame.length);
      const taken = pieces(message);
      expect(Buffer.compare(Buffer.concat(taken), frame)).toBe(0);
      for (const piece of taken) expect(piece.length).toBeLessThanOrEqual(4 + 3 * 4000);
      expect(message.take(Buffer.alloc(100))).toBe(0);
      const other = new LongMessage(text, frame.length);
      const begun = Buffer.alloc(SMALL_STAGE_BYTES);
      const first = begun.subarray(0, other.take(begun));
      expect(Buffer.compare(Buffer.concat([first, other.rest()]), frame)).toBe(0);
    }),
  );
});

it('is refused above the limit, by its bytes', () => {
  expect(() => new LongMessage('ä'.repeat(10), 19)).toThrow(expect.objectContaining({ code: 'too-large' }));
  expect(new LongMessage('ä'.repeat(10), 20)).toHaveLength(24);
});
