import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Network, objects, type Ran, START_MS, until } from './lib/cli.ts';

const MIB = 1024 * 1024;
/** `npm run soak` sends a gigabyte. */
const SOAK = process.env.PARLEY_SOAK !== undefined;
const SIZE = (SOAK ? 1024 : 64) * MIB;
/** Twice what a node takes that sends nothing, whatever the size of the file. */
const MEMORY = 400 * MIB;

let network: Network;
const on = (name: string, ...args: string[]): Promise<Ran> => network.run(name, ...args);

/** The most memory that a process has held, in bytes; undefined where the system does not tell. */
async function peakOf(name: string): Promise<number | undefined> {
  const status = await readFile(`/proc/${network.process(name).pid}/status`, 'utf8').catch(() => '');
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return peak === undefined ? undefined : Number(peak) * 1024;
}

/** A file of bytes that no chunk repeats. */
async function write(path: string, size: number): Promise<void> {
  const file = await open(path, 'w');
  const block = Buffer.alloc(MIB);
  for (let at = 0; at < size; at += MIB) {
    for (let i = 0; i < MIB; i += 8) block.writeDoubleLE(at + i + 0.5, i);
    await file.write(block);
  }
  await file.close();
}

async function digest(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

beforeAll(async () => {
  network = await Network.start([]);
  const ann = await network.startNode('ann', '--tls', '127.0.0.1:0');
  const { tls } = JSON.parse(ann.lines.find((line) => line.includes('"ready"')) ?? '') as { tls: string };
  await network.startNode('ben', '--connect', tls);
  await on('ann', 'channels', 'create', 'garden');
  await until(
    () => on('ben', 'channels', '--json'),
    (ran) => objects(ran).some(({ name }) => name === 'garden'),
  );
  await on('ben', 'channels', 'join', 'garden');
  await on('ann', 'send', 'garden', 'first', '--wait', 'delivered');
}, START_MS);
afterAll(() => network.stop(), START_MS);

it(
  'a large file is sent in place, fetched when asked for, also over a kill of the node that fetches, and is the same',
  async () => {
    const path = join(network.directory, 'film.bin');
    await write(path, SIZE);
    const sent = await on('ann', 'send', 'garden', 'a film', '--file', path, '--wait', 'delivered', '--json');
    expect(sent).toMatchObject({ code: 0, stderr: '' });
    const [{ msg_id } = { msg_id: '' }] = objects<{ msg_id: string }>(sent);
    const [offered] = objects(await on('ben', 'files', 'list', 'garden', '--json'));
    expect(offered).toMatchObject({
      msg_id,
      name: 'film.bin',
      size: SIZE,
      state: 'offered',
      type: 'application/octet-stream',
      show: false,
    });

    const first = network.leave('ben', 'files', 'get', 'garden', msg_id, '--output', join(network.directory, 'never.bin'), '--json');
    await first.line((line) => line.includes('"progress"') && (JSON.parse(line) as { have: number }).have > 0);
    await network.process('ben').stop('SIGKILL');
    expect(await first.ended).toBe(3);
    await network.startNode('ben');
    const to = join(network.directory, 'saved.bin');
    expect(await on('ben', 'files', 'get', 'garden', msg_id, '--output', to, '--json')).toMatchObject({ code: 0, stderr: '' });
    expect((await stat(to)).size).toBe(SIZE);
    expect(await digest(to)).toBe(await digest(path));

    for (const name of ['ann', 'ben']) {
      const peak = await peakOf(name);
      if (SOAK) process.stdout.write(`${name}: at most ${Math.round((peak ?? 0) / MIB)} MiB\n`);
      expect(peak ?? 0).toBeLessThan(MEMORY);
    }

    const folder = join(network.data('ben'), 'files');
    const [name = ''] = await readdir(folder);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    const [large] = objects<{ root: string; state: string; have: number }>(await on('ben', 'files', 'large', '--json'));
    expect(large).toMatchObject({ state: 'here', have: SIZE });
    // The sender's file is given from where it is: nothing of that size is in the data directory.
    const [source] = objects(await on('ann', 'files', 'large', '--json'));
    expect(source).toMatchObject({ state: 'here', path });
    expect((await on('ben', 'files', 'remove', large?.root ?? '')).code).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  },
  SOAK ? 10 * START_MS : START_MS,
);
