import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Network, START_MS } from './lib/cli.ts';
import { closeTerminals, hasScript, Terminal } from './lib/terminal.ts';

describe('chat', () => {
  let network: Network;

  beforeAll(async () => {
    network = await Network.start(['ann', 'ben']);
    await network.run('ann', 'channels', 'create', 'garden');
    await vi.waitFor(async () => expect(await network.run('ben', 'channels', 'join', 'garden')).toMatchObject({ code: 0 }), {
      timeout: 20_000,
    });
    await network.run('ann', 'send', 'garden', 'first', '--wait', 'delivered');
    await network.run('ann', 'contacts', 'add', (await network.run('ben', 'contacts', 'link')).stdout.trim());
    await vi.waitFor(async () => expect(await network.run('ben', 'contacts', 'accept', 'ann')).toMatchObject({ code: 0 }), {
      timeout: 20_000,
    });
  }, START_MS);
  afterAll(() => network.stop(), START_MS);
  afterEach(closeTerminals);
  beforeEach(({ skip }) => skip(!hasScript, 'script of util-linux is missing'));

  it('shows history and who is here, sends, receives, and leaves the terminal as it was', async () => {
    const chat = new Terminal(network.data('ann'), 'garden');
    await chat.shows(/HERE 2 of 2[\s\S]*✓✓ +ann#[0-9a-f]{4} {2}first/);
    expect(chat.screen.alternate).toBe(true);
    chat.type('hello from the terminal\r');
    await chat.shows(/✓✓ +(?:ann#[0-9a-f]{4})? +hello from the terminal/);
    await network.run('ben', 'send', 'garden', 'hello back');
    await chat.shows(/ben#[0-9a-f]{4} {2}hello back/);
    chat.type('\u001b[200~pasted\nin two lines\u001b[201~\r');
    await chat.shows(/pasted\n.*in two lines/);
    expect(await chat.quit()).toBe(0);
    expect(chat.screen.alternate).toBe(false);
    const read = await network.run('ben', 'read', 'garden', '--json', '--limit', '1');
    expect(JSON.parse(read.stdout)).toMatchObject({ text: 'pasted\nin two lines' });
  });

  it('makes a channel, completes names, searches, and turns between channels', async () => {
    const chat = new Terminal(network.data('ann'), 'garden');
    await chat.shows('first');
    chat.type('/create kitchen\r');
    await chat.shows(/│ #kitchen/);
    chat.type('\u0010');
    await chat.shows(/│ #garden/);
    chat.type('be\t');
    await chat.shows(/› ben#[0-9a-f]{4}:/);
    chat.type('\u0015/search hello back\r');
    await chat.shows(/│ Search: hello back[\s\S]*hello back/);
    chat.type('\u001b');
    await chat.shows(/│ #garden/);
    chat.type('\u0003\u0003');
    expect(await chat.ended).toBe(0);
  });

  it('shows who is writing and who is there, and sets a timer', async () => {
    const [ann, ben] = [new Terminal(network.data('ann'), '@ben'), new Terminal(network.data('ben'), '@ann')];
    await ann.shows(/│ @ben/);
    await ben.shows(/│ @ann/);
    ben.type('coming');
    await ann.shows(/ben#[0-9a-f]{4} is typing …/);
    ben.type('\r');
    await ann.shows(/ben#[0-9a-f]{4} {2}coming/);
    await vi.waitFor(() => expect(ann.screen.text).not.toContain('is typing'), { timeout: 20_000, interval: 20 });
    await vi.waitFor(async () => expect((await network.run('ann', 'contacts')).stdout).toMatch(/● ben#\w{4} +not verified +here +key_/), {
      timeout: 20_000,
    });
    ann.type('/timer 1h\r');
    await ann.shows('messages disappear after 1 hour');
    // What was changed stands among the messages, for both.
    await ann.shows('You set messages to disappear after 1 hour');
    await ben.shows(/ann#[0-9a-f]{4} set messages to disappear after 1 hour/);
    expect(await ann.quit()).toBe(0);
    expect(await ben.quit()).toBe(0);
  });

  it('answers, forwards and mutes', async () => {
    const [ann, ben] = [new Terminal(network.data('ann'), 'garden'), new Terminal(network.data('ben'), 'garden')];
    await ann.shows('first');
    await ben.shows('first');
    ann.type('which beans?\r');
    await ben.shows(/which beans\?/);
    ben.type('/reply the green ones\r');
    await ann.shows(/the green ones\n.*↳ in reply to ann#[0-9a-f]{4}: which beans\?/);
    ann.type('/forward @be\t\r');
    await ann.shows(/forwarded ben#[0-9a-f]{4}: the green ones, to @ben/);
    await vi.waitFor(
      async () => {
        const read = await network.run('ben', 'read', '@ann', '--json', '--limit', '1');
        expect(JSON.parse(read.stdout)).toMatchObject({ text: '**ben** wrote:\n> the green ones' });
      },
      { timeout: 20_000 },
    );
    ann.type('/mute\r');
    await ann.shows(/muted, 2 here of 2/);
    expect(await ann.quit()).toBe(0);
    expect(await ben.quit()).toBe(0);
    const again = new Terminal(network.data('ann'), 'garden');
    await again.shows(/muted, 2 here of 2/);
    again.type('/mute\r');
    await again.shows('#garden is muted no more');
    expect(await again.quit()).toBe(0);
  });

  it('sends files, small and large, and fetches and saves them, over nothing that is there', async () => {
    const [small, large] = [join(network.directory, 'a note.txt'), join(network.directory, 'film.bin')];
    await writeFile(small, 'a note');
    await writeFile(large, Buffer.alloc(20 * 1024 * 1024, 'film'));
    const saved = join(network.directory, 'saved');
    await mkdir(saved);
    const [ann, ben] = [new Terminal(network.data('ann'), 'garden'), new Terminal(network.data('ben'), 'garden')];
    await ann.shows('first');
    await ben.shows('first');
    ann.type(`/file ${join(network.directory, 'no such file')}\r`);
    await ann.shows(/there is no file[\s\S]*› \/file .*no such file/);
    ann.type(`\u0015/file ${join(network.directory, 'a n')}\t\r`);
    await ben.shows(/\[0\] a note\.txt/);
    ann.type(`/file ${large}\r`);
    await ben.shows(/\[0\] film\.bin/);
    ben.type('/files\r');
    await ben.shows(/1 {2}ann#[0-9a-f]{4} {2}film\.bin .*20 MiB, not fetched yet[\s\S]*2 {2}ann#[0-9a-f]{4} {2}a note\.txt/);
    ben.type(`/save 1 ${saved}\r`);
    await ben.shows(/ saved .*film\.bin/);
    ben.type(`/save 2 ${saved}/\r`);
    await ben.shows(/ saved .*a note\.txt/);
    expect(await readFile(join(saved, 'a note.txt'), 'utf8')).toBe('a note');
    expect((await readFile(join(saved, 'film.bin'))).equals(await readFile(large))).toBe(true);
    ben.type(`/save 2 ${saved}\r`);
    await ben.shows(/is there already[\s\S]*› \/save 2/);
    expect(await ann.quit()).toBe(0);
    expect(await ben.quit()).toBe(0);
  });

  it('waits for a node that was stopped, and goes on with the next', async () => {
    const chat = new Terminal(network.data('ann'), 'garden');
    await chat.shows('first');
    await network.run('ann', 'stop');
    await chat.shows('the node does not run');
    chat.type('kept meanwhile\r');
    await chat.shows(/your text is kept[\s\S]*› kept meanwhile/);
    await network.startNode('ann');
    await chat.shows('online, 1 link');
    chat.type('\r');
    await chat.shows(/[✓◷…] +(?:ann#[0-9a-f]{4})? +kept meanwhile/);
    expect(await chat.quit()).toBe(0);
  });

  it('ends when it is told to, and leaves the terminal as it was', async () => {
    const chat = new Terminal(network.data('ben'), 'garden');
    await chat.shows('first');
    chat.type('\u0004');
    expect(await chat.ended).toBe(0);
    expect(chat.screen.alternate).toBe(false);
  });
});
