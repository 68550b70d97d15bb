import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

interface Contact {
  readonly key: string;
  readonly display: string;
  readonly state: string;
  readonly verified: boolean;
  readonly blocked: boolean;
  readonly note?: string;
}

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const contacts = async (name: string): Promise<Contact[]> => objects<Contact>(await on(name, 'contacts', '--json'));

/** Again until it is so: what one node did reaches the other in a moment. */
const see = (name: string, enough: (all: Contact[]) => boolean): Promise<Contact[]> => until(() => contacts(name), enough);

beforeAll(async () => {
  network = await Network.start(['ann', 'ben']);
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('parley contacts', () => {
  it('makes contacts of two, and verifies them by the number that both see', async () => {
    expect((await on('ann', 'contacts')).stdout).toContain('no contacts yet');
    const link = (await on('ben', 'contacts', 'link')).stdout.trim();
    expect(link).toMatch(/^parley:contact\/key_[^?]+\?name=ben$/);
    expect(await on('ann', 'contacts', 'add', link, '--alias', 'Benny', '--message', 'It is me')).toMatchObject({
      code: 0,
      stdout: 'asked Benny; they answer when they see it\n',
    });
    await see('ben', ([first]) => first?.state === 'incoming');
    expect((await on('ben', 'contacts')).stdout).toMatch(/ann#\w{4} +wants to be a contact +key_\w+\n {4}says: It is me\n/);
    expect((await on('ben', 'contacts', 'accept', 'ann')).code).toBe(0);
    await see('ann', ([first]) => first?.state === 'accepted');
    const number = JSON.parse((await on('ben', 'contacts', 'verify', 'ann', '--json')).stdout).number as string;
    const wrong = number.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
    expect(await on('ann', 'contacts', 'verify', 'Benny', wrong)).toMatchObject({ code: 2, stderr: expect.stringContaining('differ') });
    expect(await on('ann', 'contacts', 'verify', 'Benny', ...number.split(' '))).toMatchObject({ code: 0, stdout: 'Benny is verified\n' });
    expect(await contacts('ann')).toMatchObject([{ display: 'Benny', verified: true }]);
    expect(await contacts('ben')).toMatchObject([{ verified: false, note: 'It is me' }]);
  });

  it('renames, blocks and removes, and has exit codes of its own for whom it does not know', async () => {
    expect((await on('ann', 'contacts', 'rename', 'Benny', 'Uncle')).stdout).toBe('they are called Uncle here\n');
    // So they are everywhere.
    const sent = await on('ann', 'send', '@ben', 'hello', '--wait', 'delivered');
    expect(sent.stdout).toBe('@Uncle: delivered to Uncle\n');
    expect((await on('ben', 'send', '@ann', 'hello yourself', '--wait', 'delivered')).code).toBe(0);
    expect((await on('ann', 'read', '@Uncle')).stdout).toMatch(/ {2}Uncle {2}hello yourself\n/);
    expect((await on('ben', 'read', '@ann')).stdout).toMatch(/ {2}ann#\w{4} {2}hello\n/);
    expect((await on('ann', 'contacts', 'rename', 'Uncle')).stdout).toMatch(/^they are called ben#\w{4} here\n$/);
    expect((await on('ann', 'contacts', 'block', 'ben')).code).toBe(0);
    expect((await contacts('ann'))[0]?.blocked).toBe(true);
    expect(await on('ann', 'send', '@ben', 'peas')).toMatchObject({ code: 5, stderr: 'parley: ben is blocked: unblock them first\n' });
    expect((await on('ann', 'contacts', 'unblock', 'ben')).code).toBe(0);
    expect((await on('ann', 'send', '@ben', 'beans')).code).toBe(0);
    expect((await on('ann', 'contacts', 'remove', 'ben')).code).toBe(0);
    expect(await contacts('ann')).toEqual([]);
    // What was said is kept, by the name that they had.
    const kept = await until(
      () => on('ann', 'read', '@ben'),
      ({ code, stderr }) => code === 0 && stderr !== '',
    );
    expect(kept.stdout).toContain('beans');
    expect(kept.stderr).toMatch(/^@ben: no contact any more, since \d{4}-.*; this is what is kept of it\n$/);
    expect((await on('ann', 'search', 'beans')).stdout).toMatch(/ {2}@ben {2}/);
    expect(await on('ann', 'send', '@ben', 'and?')).toMatchObject({ code: 5, stderr: 'parley: ben is no contact of yours any more\n' });
    for (const command of ['accept', 'decline', 'remove', 'verify']) expect((await on('ann', 'contacts', command, 'ben')).code).toBe(4);
    expect((await on('ann', 'contacts', 'add', 'ben')).code).toBe(2);
    expect((await on('ann', 'contacts', 'key', 'ben')).code).toBe(2);
  });
});
