import { verbs } from '@parley/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

/** A key that nobody has. */
const NOBODY = 'key_9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj';

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const done = (name: string, ...args: string[]): Promise<Ran> => network.done(name, ...args);
const processes = ['hub', 'ann', 'ben'];

/** Verbs that a process has received from others, as it counts them. */
async function received(name: string): Promise<string[]> {
  const ready = network.process(name).lines.find((line) => line.includes('"ready"')) ?? '{}';
  const { http } = JSON.parse(ready) as { http: string };
  const metrics = await (await fetch(`${http}/metrics`)).text();
  return [...metrics.matchAll(/^parley_messages_total\{verb="(\w+)",outcome="received"\}/gm)].map(([, verb = '']) => verb);
}

beforeAll(async () => {
  network = await Network.start([]);
  for (const name of ['ann', 'ben']) await network.startNode(name, '--http', '127.0.0.1:0');
}, START_MS);
afterAll(() => network.stop(), START_MS);

it('every verb of S2 goes between processes that people drive by commands', async () => {
  await done('ann', 'channels', 'create', 'lobby');
  await done('ben', 'channels', 'join', 'lobby');
  await done('ann', 'send', 'lobby', 'hello', '--wait', 'delivered');
  await done('ben', 'channels', 'leave', 'lobby');
  const key = objects<{ key: string }>(await on('ben', 'status', '--json'))[0]?.key ?? '';
  await done('ann', 'contacts', 'add', (await on('ben', 'contacts', 'link')).stdout.trim());
  await done('ben', 'contacts', 'accept', 'ann');
  await done('ann', 'channels', 'create', 'hideout', '--closed');
  await done('ann', 'channels', 'invite', 'hideout', key);
  await done('ben', 'channels', 'accept', 'hideout');
  await done('ann', 'send', 'hideout', 'among us', '--wait', 'delivered');
  for (let i = 0; i < 3; i++) await done('ann', 'send', '@ben', `for you alone ${i}`, '--wait', 'delivered');
  await done('ann', 'contacts', 'add', NOBODY);
  const ofS2 = verbs.all().flatMap(({ name, spec }) => (spec.source === 'S2' ? [name] : []));
  expect(ofS2).toHaveLength(13);
  const heard = () => Promise.all(processes.map(received)).then((all) => new Set(all.flat()));
  await until(heard, (all) => ofS2.every((verb) => all.has(verb)));
});
