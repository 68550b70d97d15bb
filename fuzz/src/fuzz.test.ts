import { describe, expect, it } from 'vitest';
import { FuzzFailure, targets } from './targets.ts';

/** A short run with a fixed seed; `npm run fuzz` is the long one. */
const INPUTS = 300;

describe('fuzz targets, briefly', () => {
  it.each(targets.map(({ name }) => name))('%s', async (name) => {
    const target = targets.find((each) => each.name === name);
    await expect(target?.run('brief', INPUTS)).resolves.toBeUndefined();
  });

  it('reports what fails, with the input and the seed', () => {
    const failure = new FuzzFailure('json', 'seed', 7, '{"a":1}', new Error('boom'));
    expect(failure.message).toContain('json: input 7 of seed seed');
    expect(failure.message).toContain('{"a":1}');
  });
});
