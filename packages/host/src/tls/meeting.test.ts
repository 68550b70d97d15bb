import { connect, Server, type Socket } from 'node:net';
import { connect as connectTls, createServer } from 'node:tls';
import type { Connection, Meeting, MeetingOptions } from '@parley/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ALPN_PROTOCOL } from './context.ts';
import { type Party, party } from './testing.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const end of ends.splice(0)) end();
});

async function meetingOf({ transport }: Party): Promise<Meeting> {
  const meeting = await transport().meet?.();
  if (!meeting) throw new Error('it cannot meet');
  ends.push(() => meeting.close());
  return meeting;
}

/** Opens with whoever has this key. */
const withParty =
  ({ identity }: Party) =>
  async ({ peerCertificate }: Connection): Promise<boolean> =>
    Buffer.compare(peerCertificate ?? new Uint8Array(), identity.certificate) === 0;

async function open(meeting: Meeting, address: string, options: Pick<MeetingOptions, 'dials' | 'isMeant'>): Promise<Connection> {
  const controller = new AbortController();
  ends.push(() => controller.abort());
  const connection = await meeting.open(address, { ...options, signal: controller.signal });
  ends.push(() => connection.destroy());
  return connection;
}

/** A connection to a port on which a meeting listens most of the time. */
async function knock(port: number): Promise<Socket> {
  for (;;) {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => {});
    ends.push(() => socket.destroy());
    const came = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('close', () => resolve(false));
    });
    if (came) return socket;
  }
}

describe('a meeting over TCP', () => {
  it.each([true, false])('goes on when others at that host come first, silent or with another key (dials: %s)', async (dials) => {
    const [ann, ben, eve] = await Promise.all([party('ann'), party('ben'), party('eve')]);
    const [own, other] = [await meetingOf(ann), await meetingOf(ben)];
    let strangers = 0;
    const isMeant = async (connection: Connection): Promise<boolean> => {
      const meant = await withParty(ben)(connection);
      if (!meant) strangers++;
      return meant;
    };
    const opened = open(own, `127.0.0.1:${other.port}`, { dials, isMeant });
    await knock(own.port);
    while (strangers === 0) {
      const socket = await knock(own.port);
      const theirSide = { ...eve.context, rejectUnauthorized: false, ALPNProtocols: [ALPN_PROTOCOL] };
      if (dials) createServer({ ...theirSide, requestCert: true }).emit('connection', socket);
      else connectTls({ ...theirSide, socket }).on('error', () => {});
      await vi.waitUntil(() => strangers > 0 || socket.destroyed, 10_000);
    }
    const theirs = open(other, `127.0.0.1:${own.port}`, { dials: !dials, isMeant: withParty(ann) });
    expect(await withParty(ben)(await opened)).toBe(true);
    expect(await withParty(ann)(await theirs)).toBe(true);
  });

  it('takes few connections at once, whoever they are from', async () => {
    const ann = await party('ann');
    const own = await meetingOf(ann);
    const opened = open(own, '127.0.0.1:9', { dials: true, isMeant: async () => true });
    let [greeted, ended] = [0, 0];
    for (let i = 0; i < 100; i++) {
      const socket = await knock(own.port);
      socket.once('data', () => greeted++);
      socket.once('close', () => ended++);
    }
    await vi.waitFor(() => expect(ended).toBeGreaterThanOrEqual(92), 10_000);
    expect(greeted).toBeLessThanOrEqual(8);
    own.close();
    await expect(opened).rejects.toMatchObject({ code: 'aborted' });
    await vi.waitFor(() => expect(ended).toBe(100), 10_000);
  });

  it('lives through connections that the system fails to hand over', async () => {
    const servers: Server[] = [];
    const { listen } = Server.prototype;
    vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
      servers.push(this);
      return Reflect.apply(listen, this, args);
    });
    await meetingOf(await party('ann'));
    const failure = Object.assign(new Error('accept EPROTO'), { code: 'EPROTO' });
    for (let times = 0; times < 3; times++) expect(() => servers[0]?.emit('error', failure)).not.toThrow();
    expect(servers).toHaveLength(1);
  });

  it('knows a host by each of the ways to write its address', async () => {
    const [ann, ben] = await Promise.all([party('ann'), party('ben')]);
    const [own, other] = [await meetingOf(ann), await meetingOf(ben)];
    // Where nobody is: what comes in is all that can become a connection.
    const opened = open(own, '[::ffff:127.0.0.1]:9', { dials: true, isMeant: withParty(ben) });
    const theirs = open(other, `127.0.0.1:${own.port}`, { dials: false, isMeant: withParty(ann) });
    expect((await opened).dialled).toBe(true);
    expect((await theirs).dialled).toBe(false);
  });
});
