import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureProgram, findProgram } from '../../scripts/lib/debian.mjs';
import { objects } from './lib/cli.ts';
import { LocalNetwork, type NatOptions, whyNoNamespaces } from './lib/namespaces.ts';

const nft = await ensureProgram({ what: 'nft', find: () => findProgram('nft'), packages: ['nftables'] });
const reason = whyNoNamespaces() ?? (nft ? undefined : 'there is no nft');
if (reason !== undefined) console.log(`Tests behind NATs are left out: ${reason}.`);

interface Status {
  readonly links: { readonly transport: string; readonly address: string; readonly dialled: boolean }[];
}

/** Ann and Ben, each behind a NAT of their own, contacts of each other by a server that both can dial. */
describe('two people behind NATs', () => {
  let folder: string;
  let network: LocalNetwork;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(({ skip }) => {
    skip(reason !== undefined, 'NATs need Linux, root, iproute2 and nftables');
    folder = mkdtempSync(join(tmpdir(), 'parley-nat-'));
    network = new LocalNetwork();
    ends.push(async () => {
      await network.close();
      rmSync(folder, { recursive: true, force: true });
    });
  });

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const on = (name: string, ...args: string[]) => network.run(name, ...args, '--data', join(folder, name));
  const status = async (name: string): Promise<Status> => objects<Status>(await on(name, 'status', '--json'))[0] ?? { links: [] };
  const punched = async (name: string) => (await status(name)).links.find(({ transport }) => transport === 'punched-tcp');
  /** What a node counts under a label. */
  const counted = (name: string, metric: string, label: string): number =>
    Number(new RegExp(`^${metric}\\{${label}\\} (\\d+)$`, 'm').exec(network.fetch(name, 'http://127.0.0.1:7480/metrics'))?.[1] ?? 0);

  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await sleep(100);
  }

  async function begin(nats: { ann: NatOptions; ben: NatOptions }) {
    network.machine('hub-server');
    const server = network.start(
      'hub-server',
      'server',
      '--data',
      join(folder, 'server'),
      '--lan',
      'off',
      '--json',
      '--tls',
      '10.77.0.1:4717',
    );
    await server.line((line) => line.includes('"ready"'));
    for (const name of ['ann', 'ben'] as const) {
      network.machineBehindNat(name, nats[name]);
      const args = [
        'node',
        '--data',
        join(folder, name),
        '--name',
        name,
        '--json',
        '--http',
        '127.0.0.1:7480',
        '--connect',
        '10.77.0.1:4717',
      ];
      await network.start(name, ...args).line((line) => line.includes('"ready"'));
    }
    const link = (await on('ben', 'contacts', 'link')).stdout.trim();
    await until(async () => (await on('ann', 'contacts', 'add', link, '--alias', 'ben')).code === 0);
    await until(async () => (await on('ben', 'contacts', 'accept', 'ann')).code === 0);
    await until(async () => (await on('ann', 'send', '@ben', 'are you there?', '--wait', 'delivered')).code === 0);
    return server;
  }

  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) expect((await on('ann', 'send', '@ben', `message ${i}`, '--wait', 'delivered')).code).toBe(0);
  };

  it.each<[string, NatOptions, NatOptions]>([
    ['that drop what was not asked for', {}, {}],
    ['of which one refuses it', {}, { unasked: 'refuse' }],
  ])('open a link of their own through NATs %s, and go on without the server', async (_, ann, ben) => {
    const server = await begin({ ann, ben });
    await write(3);
    await until(async () => (await punched('ann')) !== undefined && (await punched('ben')) !== undefined);
    expect(await punched('ann')).toMatchObject({ dialled: true, address: expect.stringMatching(/^10\.77\.0\.3:\d+$/) });
    expect(await punched('ben')).toMatchObject({ dialled: false, address: expect.stringMatching(/^10\.77\.0\.2:\d+$/) });
    await server.stop('SIGKILL');
    expect((await on('ann', 'send', '@ben', 'the server is gone', '--wait', 'delivered')).code).toBe(0);
    const read = await on('ben', 'read', '@ann', '--json');
    expect(objects<{ text: string }>(read).map(({ text }) => text)).toContain('the server is gone');
  });

  it('go on by the server where a NAT picks ports at random', async () => {
    await begin({ ann: { ports: 'random' }, ben: {} });
    await write(3);
    await until(async () => counted('ben', 'parley_connects_total', 'outcome="failed"') > 0);
    expect([await punched('ann'), await punched('ben')]).toEqual([undefined, undefined]);
    await write(1);
  });
});
