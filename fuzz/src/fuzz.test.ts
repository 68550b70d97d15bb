import { describe, expect, it } from 'vitest';
import { FuzzFailure, target } from './target.ts';
import { targets } from './targets.ts';

/** A short run with a fixed seed; `npm run fuzz` is the long one. */
const INPUTS = 200;

describe('fuzz targets, briefly', () => {
  it.each(targets.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    await expect(each.run('brief', INPUTS)).resolves.toBeUndefined();
  });
});

describe('a fuzz target', () => {
  it('gives the same inputs for the same seed, however many are asked for', async () => {
    const inputs: number[] = [];
    const numbers = target('numbers', () => ({ input: (random) => inputs.push(random.word()), last: () => '' }));
    await numbers.run('a', 5);
    await numbers.run('a', 10);
    await numbers.run('b', 5);
    expect(inputs.slice(5, 10)).toEqual(inputs.slice(0, 5));
    expect(inputs.slice(15)).not.toEqual(inputs.slice(0, 5));
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => Promise.reject(new Error('boom'))],
  ])('that %s is reported with the input, and how to see it again', async (_, fail) => {
    let inputs = 0;
    const failing = target('failing', () => ({ input: () => (++inputs === 7 ? fail() : undefined), last: () => `input ${inputs}` }));
    const failure = await failing.run('seed', 100).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FuzzFailure);
    expect((failure as FuzzFailure).message).toMatch(
      /^failing: input 7 of seed seed: Error: boom[\s\S]*\ninput 7\nagain: npm run fuzz -- --target failing --seed seed --runs 7$/,
    );
  });

  it('is checked at its end', async () => {
    const leaking = target('leaking', () => ({
      input: () => undefined,
      last: () => '',
      check: () => Promise.reject(new Error('too much')),
    }));
    await expect(leaking.run('seed', 3)).rejects.toThrow('too much');
  });
});
