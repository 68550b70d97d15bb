import { jsonFrame } from '@parley/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SMALL_STAGE_BYTES, STAGE_BYTES, Stages } from '../sockets/stages.ts';
import { LongMessage } from './long-message.ts';
import { PIECE_BYTES, Pieces, RECORD_BYTES } from './pieces.ts';

const room = { stages: new Stages(STAGE_BYTES), smallStages: new Stages(SMALL_STAGE_BYTES) };

let count = 0;
/** Different from those of other calls, and of a pattern that fits no power of two. */
function bytes(length: number): Uint8Array {
  return Buffer.alloc(length, `${++count} pieces `);
}

const lengths = fc.oneof(
  fc.constantFrom(8, RECORD_BYTES, PIECE_BYTES - 8, PIECE_BYTES, 2 * PIECE_BYTES - 8),
  fc.integer({ min: 1, max: 150_000 }),
);
const items = fc.array(fc.oneof({ weight: 4, arbitrary: lengths }, { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 30 }) }), {
  maxLength: 12,
});

it('come in order, each of full records unless it is the last, and their memory is used again', () => {
  fc.assert(
    fc.property(items, fc.integer({ min: 0, max: 12 }), (given, before) => {
      const pieces = new Pieces(room);
      const expected: Uint8Array[] = [];
      const got: Uint8Array[] = [];
      const take = (): void => {
        const piece = pieces.next();
        if (piece) got.push(Uint8Array.from(piece));
      };
      for (const [index, what] of given.entries()) {
        const frame = typeof what === 'string' ? jsonFrame(what) : bytes(what);
        expected.push(frame);
        pieces.push(typeof what === 'string' ? new LongMessage(what, frame.length) : frame);
        if (index === before) take();
      }
      expect(pieces.length).toBe(Buffer.concat(expected).length - Buffer.concat(got).length);
      while (pieces.length > 0) take();
      expect(pieces.next()).toBeUndefined();
      expect(Buffer.compare(Buffer.concat(got), Buffer.concat(expected))).toBe(0);
      if (given.some((what) => typeof what === 'string')) return;
      // What was taken before the rest was there had nothing to be filled with.
      const filled = before < given.length ? got.slice(1, -1) : got.slice(0, -1);
      expect(filled.filter((piece) => piece.length % RECORD_BYTES !== 0)).toHaveLength(0);
    }),
    { numRuns: 40 },
  );
});

it('of frames with a header each are as few as there is to write', () => {
  const pieces = new Pieces(room);
  for (let frame = 0; frame < 16; frame++) {
    pieces.push(bytes(8));
    pieces.push(bytes(64 * 1024));
  }
  const sizes: number[] = [];
  for (let piece = pieces.next(); piece; piece = pieces.next()) sizes.push(piece.length);
  expect(sizes).toEqual([...new Array<number>(8).fill(PIECE_BYTES), 16 * 8]);
});

it('are taken all at once by who cannot wait', () => {
  const pieces = new Pieces(room);
  const all = [bytes(8), bytes(500_000), bytes(3)];
  for (const part of all) pieces.push(part);
  const first = Uint8Array.from(pieces.next() ?? []);
  expect(Buffer.compare(Buffer.concat([first, ...pieces.takeAll()]), Buffer.concat(all))).toBe(0);
  expect(pieces.length).toBe(0);
  expect(pieces.next()).toBeUndefined();
});
