import { expect, test } from 'vitest';
import { ageOf, originOf, payloadLength, writePayload } from './payload.ts';

test('exactly 200 bytes that tell origin and age', () => {
  for (const [sequence, origin] of [
    [1, 0],
    [123_456_789, 19],
    [2 ** 53 - 1, 999],
  ] as const) {
    const payload = writePayload(sequence, origin);
    expect(Buffer.byteLength(payload)).toBe(payloadLength);
    expect(originOf(payload)).toBe(origin);
    expect(payload).toContain(` ${sequence} `);
    expect(ageOf(payload)).toBeGreaterThanOrEqual(-0.001);
  }
});
