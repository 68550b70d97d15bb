import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { objects } from './lib/cli.ts';
import { LocalNetwork, whyNoNamespaces } from './lib/namespaces.ts';

const reason = whyNoNamespaces();
if (reason !== undefined) console.log(`Tests of local networks are left out: ${reason}.`);

interface Status {
  readonly links: { readonly address: string }[];
}

describe('a local network', () => {
  let folder: string;
  let network: LocalNetwork;
  const ends: (() => Promise<void>)[] = [];

  beforeEach(({ skip }) => {
    skip(reason !== undefined, 'network namespaces need Linux, root and iproute2');
    folder = mkdtempSync(join(tmpdir(), 'parley-lan-'));
    network = new LocalNetwork();
    ends.push(async () => {
      await network.close();
      rmSync(folder, { recursive: true, force: true });
    });
    for (const name of ['ann', 'ben']) network.machine(name);
  });

  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function node(name: string, ...more: string[]): Promise<void> {
    const running = network.start(name, 'node', '--data', join(folder, name), '--name', name, '--json', ...more);
    await running.line((line) => line.includes('"ready"'));
  }

  const on = (name: string, ...args: string[]) => network.run(name, ...args, '--data', join(folder, name));

  async function links(name: string): Promise<Status['links']> {
    return objects<Status>(await on(name, 'status', '--json'))[0]?.links ?? [];
  }

  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await sleep(100);
  }

  it('brings two nodes together that were told nothing', async () => {
    await Promise.all([node('ann'), node('ben')]);
    await until(async () => (await links('ann')).length === 1 && (await links('ben')).length === 1);
    expect((await links('ann'))[0]?.address).toMatch(/^10\.77\.0\.2:/);
    expect((await on('ann', 'channels', 'create', 'lobby')).code).toBe(0);
    await until(async () => (await on('ben', 'channels', 'join', 'lobby')).code === 0);
    await until(async () => (await on('ann', 'send', 'lobby', 'is anybody here?', '--wait', 'delivered')).code === 0);
    const read = await on('ben', 'read', 'lobby', '--json');
    expect(objects<{ text: string }>(read).map(({ text }) => text)).toContain('is anybody here?');
  });

  it('leaves those alone that do not want to be found', async () => {
    await Promise.all([node('ann'), node('ben', '--lan', 'off')]);
    network.machine('cas');
    await node('cas');
    // Whoever wants to be found has been, by now.
    await until(async () => (await links('cas')).length === 1);
    expect(await links('ben')).toEqual([]);
    expect(await links('ann')).toHaveLength(1);
  });

  it('works over IPv6 alone', async ({ skip }) => {
    const six = async (name: string): Promise<string | undefined> => {
      for (let tries = 0; tries < 50; tries++) {
        const found = /inet6 (fe80::[0-9a-f:]+)\/64 scope link(?! tentative)/.exec(network.ip(name, 'address', 'show', 'dev', 'eth0'));
        if (found && !network.ip(name, 'address', 'show', 'dev', 'eth0').includes('tentative')) return found[1];
        await sleep(100);
      }
      return undefined;
    };
    const addresses = await Promise.all(['ann', 'ben'].map(six));
    skip(addresses.includes(undefined), 'there is no IPv6 on this machine');
    for (const name of ['ann', 'ben']) network.ip(name, '-4', 'address', 'flush', 'dev', 'eth0');
    await Promise.all([node('ann', '--tls', '[::]:0'), node('ben', '--tls', '[::]:0')]);
    await until(async () => (await links('ann')).length === 1 && (await links('ben')).length === 1);
    expect((await links('ann'))[0]?.address).toMatch(/^\[fe80::/);
  });

  it('has a registry among servers that have unique local addresses of IPv6 alone', async ({ skip }) => {
    const servers = ['ann', 'ben', 'cas'];
    network.machine('cas');
    for (const [i, name] of servers.entries()) {
      network.ip(name, '-4', 'address', 'flush', 'dev', 'eth0');
      try {
        network.ip(name, 'address', 'add', `fd77::${i + 1}/64`, 'dev', 'eth0', 'nodad');
      } catch {
        skip(true, 'there is no IPv6 on this machine');
      }
    }
    const server = async (name: string, number: number, ...more: string[]): Promise<void> => {
      const args = ['server', '--data', join(folder, name), '--name', name, '--json', '--lan', 'off', '--http', '127.0.0.1:7480'];
      const running = network.start(name, ...args, '--tls', `[fd77::${number}]:4717`, ...more);
      await running.line((line) => line.includes('"ready"'));
    };
    await server('ann', 1);
    await Promise.all(['ben', 'cas'].map((name, i) => server(name, i + 2, '--connect', '[fd77::1]:4717')));
    const contacts = (name: string): number =>
      Number(/^parley_registry_contacts (\d+)$/m.exec(network.fetch(name, 'http://127.0.0.1:7480/metrics'))?.[1]);
    // Ben and Cas have no link, and know each other by packets alone.
    await until(async () => servers.every((name) => contacts(name) === 2));
  });
});
