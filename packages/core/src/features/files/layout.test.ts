import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ADDRESS_BYTES, CHUNK_BYTES, chunkLength, levelsOf, MAX_LEVELS, sealedLength } from './layout.ts';

it('has one level of lists up to 2 GiB, and two above', () => {
  expect(levelsOf(1)).toEqual([
    { bytes: 1, chunks: 1 },
    { bytes: 32, chunks: 1 },
  ]);
  expect(levelsOf(2 ** 31).map(({ chunks }) => chunks)).toEqual([8192, 1]);
  expect(levelsOf(2 ** 31 + 1).map(({ chunks }) => chunks)).toEqual([8193, 2, 1]);
  expect(levelsOf(2 ** 44)).toHaveLength(MAX_LEVELS);
});

it('accounts for every byte, in chunks of which only the last is shorter', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 44 }), (size) => {
      const levels = levelsOf(size);
      for (const [index, level] of levels.entries()) {
        const last = chunkLength(level, level.chunks - 1);
        expect(last).toBeGreaterThan(0);
        expect((level.chunks - 1) * CHUNK_BYTES + last).toBe(level.bytes);
        expect(sealedLength(level, 0)).toBe(chunkLength(level, 0) + 16);
        if (index > 0) expect(level.bytes).toBe((levels[index - 1]?.chunks ?? 0) * ADDRESS_BYTES);
      }
      expect(levels.at(-1)?.chunks).toBe(1);
    }),
  );
});
