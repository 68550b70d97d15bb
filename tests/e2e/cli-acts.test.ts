import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MessageView } from '@parley/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);
const read = async (name: string): Promise<MessageView[]> => objects<MessageView>(await on(name, 'read', 'garden', '--json'));

/** Again until it is so: what one node did reaches the other in a moment. */
const see = (name: string, enough: (all: MessageView[]) => boolean): Promise<MessageView[]> => until(() => read(name), enough);

beforeAll(async () => {
  network = await Network.start(['ann', 'ben']);
  await on('ann', 'channels', 'create', 'garden');
  await until(
    () => on('ben', 'channels', 'join', 'garden'),
    ({ code }) => code === 0,
  );
}, START_MS);
afterAll(() => network.stop(), START_MS);

describe('messages', () => {
  it('are edited, reacted to, pinned and deleted, and the others see it', async () => {
    const [sent] = objects<MessageView>(await on('ben', 'send', 'garden', 'helo <b>all</b>', '--json', '--wait', 'sent'));
    const id = sent?.msg_id ?? '';
    await see('ann', (all) => all.length === 1);
    expect((await on('ben', 'edit', 'garden', id, 'hello', '<b>all</b>')).stdout).toMatch(
      /ben#\w{4} {2}hello <b>all<\/b> {2}\(edited\) {2}\S+\n$/,
    );
    expect((await on('ann', 'react', 'garden', id, '🎉')).code).toBe(0);
    expect((await on('ann', 'pin', 'garden', id)).stdout).toContain('(pinned)');
    expect((await see('ben', ([first]) => first?.pinned !== undefined))[0]).toMatchObject({
      text: 'hello <b>all</b>',
      reactions: [{ emoji: '🎉', own: false }],
    });
    expect((await on('ben', 'pin', 'garden')).stdout).toContain('hello <b>all</b>');
    expect((await on('ann', 'edit', 'garden', id, 'lies')).code).toBe(5);
    expect((await on('ben', 'pin', 'garden', id, '--undo')).code).toBe(5);
    expect((await on('ann', 'react', 'garden', id, 'not an emoji')).code).toBe(2);
    expect((await on('ann', 'delete', 'garden', '00000000-0000-4000-8000-000000000000')).code).toBe(4);
  });

  it('are exported in three ways, none of which can do anything', async () => {
    await on('ann', 'send', 'garden', '</p><script>alert(1)</script>\u202e');
    const directory = network.data('ann');
    const file = (name: string): string => join(directory, name);
    for (const format of ['json', 'text', 'html']) {
      const { code, stdout } = await on('ann', 'export', 'garden', '--format', format, '--output', file(`garden.${format}`));
      expect([code, stdout]).toEqual([0, `2 messages of #garden in ${file(`garden.${format}`)}\n`]);
      expect(statSync(file(`garden.${format}`)).mode & 0o777).toBe(0o600);
    }
    const { messages } = JSON.parse(readFileSync(file('garden.json'), 'utf8')) as { messages: MessageView[] };
    expect(messages.map(({ text }) => text)).toEqual(['hello <b>all</b>', '</p><script>alert(1)</script>\u202e']);
    expect(readFileSync(file('garden.text'), 'utf8')).toContain('hello <b>all</b> (edited, pinned)');
    const html = readFileSync(file('garden.html'), 'utf8');
    expect(html).toContain('hello &lt;b&gt;all&lt;/b&gt;');
    expect(html).not.toMatch(/<script|\u202e/);
    expect(await on('ann', 'export', 'garden', '--output', file('garden.html'))).toMatchObject({ code: 8 });
    expect((await on('ann', 'export', 'garden')).stdout).toContain('hello <b>all</b>');
  });

  it('that are deleted leave nothing behind but their place', async () => {
    const [first] = await read('ben');
    expect((await on('ben', 'delete', 'garden', first?.msg_id ?? '')).stdout).toMatch(/\(deleted by ben#\w{4}\)/);
    const [seen] = await see('ann', ([message]) => message?.deleted !== undefined);
    expect(seen).toMatchObject({ text: '' });
    expect(objects(await on('ann', 'search', 'hello', '--json'))).toEqual([]);
  });
});
