import { afterAll, beforeAll, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

interface Devices {
  readonly state: string;
  readonly person: { readonly key: string };
  readonly devices: readonly { readonly name: string; readonly key: string; readonly first: boolean }[];
  readonly asked_by?: { readonly name: string; readonly number: string };
}

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const devices = async (name: string): Promise<Devices> => JSON.parse((await on(name, 'devices', '--json')).stdout) as Devices;

const read = async (name: string, channel: string): Promise<{ text: string; own: boolean }[]> =>
  objects<{ text: string; own: boolean }>(await on(name, 'read', channel, '--json'));

beforeAll(async () => {
  network = await Network.start(['ann', 'tablet', 'ben']);
}, START_MS);
afterAll(() => network.stop(), START_MS);

it('parley devices: links a second device, which is the same person, and revokes it', async () => {
  await on('ann', 'contacts', 'add', (await on('ben', 'contacts', 'link')).stdout.trim());
  await until(
    async () => (await on('ben', 'contacts', 'accept', 'ann')).code,
    (code) => code === 0,
  );
  const { stdout: link } = await on('tablet', 'devices', 'code');
  expect(link).toMatch(/^parley:device\/key_\w+\?secret=[\w-]{22}&name=tablet\n$/);
  const asked = JSON.parse((await on('ann', 'devices', 'link', link.trim(), '--json')).stdout) as { key: string; number: string };
  expect((await devices('tablet')).asked_by).toMatchObject({ name: 'ann', number: asked.number });
  expect((await on('ann', 'devices', 'confirm', asked.key)).stdout).toMatch(
    /^ann {2}first, this one, here .*\ntablet {2}(?:here|away), since .*\n$/,
  );
  // That it is here is told a moment after there is a way to it.
  await until(
    async () => (await on('ann', 'devices')).stdout,
    (text) => /\ntablet {2}here, since /.test(text),
  );
  await until(
    () => devices('tablet'),
    ({ state }) => state === 'linked',
  );
  await until(
    async () => (await on('tablet', 'contacts')).stdout,
    (text) => text.includes('ben'),
  );
  await until(
    async () => (await on('ben', 'send', '@ann', 'to both of you')).code,
    (code) => code === 0,
  );
  for (const name of ['ann', 'tablet'])
    await until(
      () => read(name, '@ben'),
      (found) => found.some(({ text }) => text === 'to both of you'),
    );
  await on('tablet', 'send', '@ben', 'from the tablet');
  const shown = await until(
    () => read('ann', '@ben'),
    (found) => found.some(({ text }) => text === 'from the tablet'),
  );
  expect(shown.find(({ text }) => text === 'from the tablet')?.own).toBe(true);
  await until(
    async () => (await on('ben', 'read', '@ann')).stdout,
    (text) => /ann#\w{4}.*from the tablet/.test(text),
  );

  // With a new key of the person it comes along, and ben goes on with both.
  const rotated = await on('ann', 'contacts', 'rotate', 'ben', '--json');
  expect([rotated.code, rotated.stderr]).toEqual([0, '']);
  const { to } = JSON.parse(rotated.stdout) as { to: string };
  await until(
    () => devices('tablet'),
    ({ person, state }) => state === 'linked' && person.key === to,
  );
  await until(
    async () => (await on('ben', 'contacts', 'key', 'ann', '--believe')).code,
    (code) => code === 0,
  );
  await until(
    async () => (await on('tablet', 'send', '@ben', 'with the new key', '--wait', 'delivered')).code,
    (code) => code === 0,
  );
  await until(
    () => read('ann', '@ben'),
    (found) => found.some(({ text, own }) => text === 'with the new key' && own),
  );
  expect((await on('ben', 'read', '@ann')).stdout).toMatch(/ann#\w{4}.*with the new key/);

  expect((await on('tablet', 'devices', 'revoke', 'tablet')).code).toBe(5);
  expect((await on('ann', 'devices', 'revoke', 'tablet')).stdout).toMatch(/tablet {2}revoked/);
  await until(
    () => devices('tablet'),
    ({ state }) => state === 'revoked',
  );
  expect((await on('tablet', 'devices')).stdout).toContain('revoked');
  expect((await on('ann', 'devices', 'revoke', 'tablet')).code).toBe(4);
});
