import { expect, it } from 'vitest';
import { Envelopes } from './envelopes.ts';

let count = 0;
const random = { bytes: (length: number) => new Uint8Array(length).fill(++count), number: () => 0.5 };

it('a message goes in the same envelope by the same last hop, and in another by every other, until it was opened', () => {
  const envelopes = new Envelopes(random, 100);
  const first = envelopes.for('exit', 'ben', 'm');
  expect(envelopes.for('exit', 'ben', 'm')).toBe(first);
  const others = [envelopes.for('other', 'ben', 'm'), envelopes.for('exit', 'tablet', 'm'), envelopes.for('exit', 'ben', 'n')];
  expect(new Set([first, ...others].flatMap(({ id, proof }) => [id, proof])).size).toBe(8);
  expect(envelopes.get('exit', first.id)).toBe(first);
  expect(envelopes.get('other', first.id)).toBeUndefined();
  envelopes.done(first);
  expect(envelopes.get('exit', first.id)).toBeUndefined();
  expect(envelopes.for('exit', 'ben', 'm').id).not.toBe(first.id);
});

it('those that are forgotten are the oldest', () => {
  const envelopes = new Envelopes(random, 10);
  const all = Array.from({ length: 30 }, (_, i) => envelopes.for('exit', 'ben', `m${i}`));
  expect(envelopes.get('exit', all[0]?.id ?? '')).toBeUndefined();
  expect(envelopes.get('exit', all[29]?.id ?? '')).toBe(all[29]);
});
