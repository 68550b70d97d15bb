import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createIdentity, createNode, type Node, silentLog, tables } from '@parley/core';
import { createClock, createCrypto, createRandom, createUdp, openSqliteStore } from '@parley/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureProgram, findProgram } from '../../scripts/lib/debian.mjs';

/** The client and the server of coturn know nothing of us. */
const packages = ['coturn'];
const client = await ensureProgram({ what: 'turnutils_stunclient', find: () => findProgram('turnutils_stunclient'), packages });
const turnserver = findProgram('turnserver');

const folder = mkdtempSync(join(tmpdir(), 'parley-stun-'));
const ends: (() => unknown)[] = [];

async function node(name: string): Promise<Node> {
  const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
  const { identity } = await createIdentity(deps, { name });
  const store = await openSqliteStore(join(folder, `${name}.db`), tables);
  const made = await createNode(
    { ...deps, store, log: silentLog, transports: [], datagrams: createUdp() },
    { identity, nodeType: 'server' },
  );
  ends.push(
    () => store.close(),
    () => made.close(),
  );
  return made;
}

/** What the client of coturn says to have learnt. */
async function ask(address: string): Promise<string> {
  const [, host = '', port = ''] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(address) ?? [];
  const { stdout } = await promisify(execFile)(client ?? '', ['-p', port, host], { timeout: 20_000 });
  return stdout;
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

describe('STUN, with coturn', () => {
  let server: Node;
  beforeAll(async () => {
    server = await node('server');
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
    rmSync(folder, { recursive: true, force: true });
  });

  it('its client learns its IPv4 address from us', async ({ skip }) => {
    skip(client === undefined, 'coturn is not installed');
    const address = await server.bindUdp('127.0.0.1:0');
    expect(await ask(address)).toMatch(/UDP reflexive addr: 127\.0\.0\.1:\d+/);
    expect(server.metrics.value('stun', 'answered')).toBeGreaterThan(0);
    expect(server.metrics.value('rejections', 'stun-malformed')).toBe(0);
  });

  it('its client learns its IPv6 address from us', async ({ skip }) => {
    skip(client === undefined, 'coturn is not installed');
    skip(!hasIPv6, 'there is no IPv6 on this machine');
    const other = await node('server6');
    expect(await ask(await other.bindUdp('[::1]:0'))).toMatch(/UDP reflexive addr: \[?::1\]?:\d+/);
  });

  it('its server tells us ours', async ({ skip }) => {
    skip(turnserver === undefined, 'coturn is not installed');
    const port = await freePort();
    const options = ['--stun-only', '--no-tls', '--no-dtls', '--no-cli', '--no-tcp', '--log-file=stdout', '-n'];
    const stun = spawn(turnserver ?? '', [...options, '-L', '127.0.0.1', '-p', String(port), '--pidfile', join(folder, 'turn.pid')], {
      stdio: 'ignore',
      cwd: folder,
    });
    const ended = once(stun, 'exit');
    try {
      const asker = await node('asker');
      const own = await asker.bindUdp('127.0.0.1:0');
      // It takes a moment to listen: each try asks several times.
      let learnt: string | undefined;
      for (let tries = 0; tries < 3 && learnt === undefined && stun.exitCode === null; tries++) {
        learnt = await asker.stun.ask(`127.0.0.1:${port}`).catch(() => sleep(100, undefined));
      }
      expect(learnt).toBe(own);
    } finally {
      stun.kill('SIGKILL');
      await ended;
    }
  });
});
