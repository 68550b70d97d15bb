import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Datagrams } from '@parley/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createUdp } from './udp.ts';

const open: Datagrams[] = [];

afterEach(async () => {
  for (const socket of open.splice(0)) await socket.close();
});

async function bind(address = '127.0.0.1:0'): Promise<Datagrams> {
  const socket = await createUdp().bind(address);
  open.push(socket);
  return socket;
}

/** The next packet, as text, and where it came from. */
function nextPacket(socket: Datagrams): Promise<{ text: string; from: string }> {
  return new Promise((resolve) => {
    socket.onPacket((packet, from) => resolve({ text: Buffer.from(packet).toString(), from }));
  });
}

describe('UDP', () => {
  it('carries packets both ways and says from where', async () => {
    const [anna, ben] = [await bind(), await bind()];
    expect(anna.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    const there = nextPacket(ben);
    anna.send(ben.address, Buffer.from('hello'));
    expect(await there).toEqual({ text: 'hello', from: anna.address });
    const back = nextPacket(anna);
    ben.send(anna.address, Buffer.from(''));
    expect(await back).toEqual({ text: '', from: ben.address });
  });

  it('sends the bytes of the moment', async () => {
    const [anna, ben] = [await bind(), await bind()];
    const there = nextPacket(ben);
    const bytes = Buffer.from('first');
    anna.send(ben.address, bytes);
    bytes.fill(0);
    expect((await there).text).toBe('first');
  });

  it('refuses what is too large, and takes the largest', async () => {
    const [anna, ben] = [await bind(), await bind()];
    expect(() => anna.send(ben.address, new Uint8Array(1201))).toThrow(expect.objectContaining({ code: 'too-large' }));
    const there = nextPacket(ben);
    anna.send(ben.address, new Uint8Array(1200));
    expect((await there).text).toHaveLength(1200);
  });

  it('drops packets that others made too large', async () => {
    const ben = await bind();
    const stranger = createSocket('udp4');
    const there = nextPacket(ben);
    const port = Number(ben.address.split(':')[1]);
    await new Promise((resolve) => stranger.send(Buffer.alloc(1201), port, '127.0.0.1', resolve));
    stranger.send('small', port, '127.0.0.1');
    expect((await there).text).toBe('small');
    stranger.close();
    await once(stranger, 'close');
  });

  it('names what is wrong with an address', async () => {
    const anna = await bind();
    for (const address of ['nonsense', 'example.org:80', '127.0.0.1:0']) {
      expect(() => anna.send(address, new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
    }
    await expect(bind(anna.address)).rejects.toMatchObject({ code: 'in-use' });
    await expect(bind('192.0.2.1:0')).rejects.toMatchObject({ code: 'unreachable' });
    await expect(bind('nonsense')).rejects.toMatchObject({ code: 'bad-argument' });
  });

  it('loses packets to nowhere without a word', async () => {
    const [anna, ben, gone] = [await bind(), await bind(), await bind()];
    await gone.close();
    anna.send(gone.address, Buffer.from('lost'));
    anna.send('[::1]:9', Buffer.from('another family'));
    const there = nextPacket(ben);
    anna.send(ben.address, Buffer.from('still here'));
    expect((await there).text).toBe('still here');
  });

  it('goes on after a handler that throws', async () => {
    const [anna, ben] = [await bind(), await bind()];
    const first = new Promise<void>((resolve) => {
      ben.onPacket(() => {
        resolve();
        throw new Error('a bug');
      });
    });
    anna.send(ben.address, Buffer.from('1'));
    await first;
    const second = nextPacket(ben);
    anna.send(ben.address, Buffer.from('2'));
    expect((await second).text).toBe('2');
  });

  it('frees its port with close, and later calls do nothing', async () => {
    const anna = await bind();
    await anna.close();
    await anna.close();
    anna.send('127.0.0.1:9', new Uint8Array(1));
    expect((await bind(anna.address)).address).toBe(anna.address);
  });

  it('speaks IPv4 from a socket of both families, where there is IPv6', async (context) => {
    const both = await createUdp()
      .bind('[::]:0')
      .catch(() => undefined);
    if (!both) {
      context.skip('no IPv6 on this machine');
      return;
    }
    open.push(both);
    const anna = await bind();
    const there = nextPacket(anna);
    both.send(anna.address, Buffer.from('hello'));
    const { text, from } = await there;
    expect(text).toBe('hello');
    const back = nextPacket(both);
    anna.send(from, Buffer.from('hello yourself'));
    expect(await back).toEqual({ text: 'hello yourself', from: anna.address });
  });
});
