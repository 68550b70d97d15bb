import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('begins a task when those before it are done, also when they failed', async () => {
  const turns = new Turns();
  const said: string[] = [];
  let settle = (): void => {};
  const first = turns.take(async () => {
    await new Promise<void>((resolve) => {
      settle = resolve;
    });
    said.push('first');
    throw new Error('it failed');
  });
  const second = turns.take(async () => said.push('second'));
  await Promise.resolve();
  expect(said).toEqual([]);
  settle();
  await expect(first).rejects.toThrow('it failed');
  expect(await second).toBe(2);
  await turns.over;
  expect(said).toEqual(['first', 'second']);
});
