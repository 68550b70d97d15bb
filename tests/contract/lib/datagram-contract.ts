import { type Datagrams, type DatagramTransport, MAX_DATAGRAM_BYTES } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Time } from './time.ts';

/** Two places that can send packets to each other. */
export interface DatagramSetup {
  readonly here: DatagramTransport;
  readonly there: DatagramTransport;
  /** Port 0 of an address of each. */
  readonly bindHere: string;
  readonly bindThere: string;
  readonly time: Time;
  teardown(): Promise<void>;
}

interface Packet {
  readonly bytes: Uint8Array;
  readonly from: string;
}

/** What every transport of datagrams does (ports/datagrams.ts), on a way that loses nothing. */
export function datagramContract(name: string, setup: () => Promise<DatagramSetup>): void {
  describe(`datagrams: ${name}`, () => {
    let made: DatagramSetup;
    let open: Datagrams[];
    beforeEach(async () => {
      made = await setup();
      open = [];
    });
    afterEach(async () => {
      for (const socket of open) await made.time.until(socket.close());
      await made.teardown();
    });

    async function bind(transport: DatagramTransport, address: string): Promise<{ socket: Datagrams; packets: Packet[] }> {
      const socket = await made.time.until(transport.bind(address));
      const packets: Packet[] = [];
      open.push(socket);
      socket.onPacket((bytes, from) => packets.push({ bytes: new Uint8Array(bytes), from }));
      return { socket, packets };
    }

    async function both() {
      return { here: await bind(made.here, made.bindHere), there: await bind(made.there, made.bindThere) };
    }

    it('go both ways and say where they come from', async () => {
      const { here, there } = await both();
      here.socket.send(there.socket.address, Uint8Array.of(1, 2, 3));
      await made.time.waitFor(() => there.packets.length === 1, 'the packet has come');
      expect(there.packets[0]).toEqual({ bytes: Uint8Array.of(1, 2, 3), from: here.socket.address });
      there.socket.send(there.packets[0]?.from ?? '', Uint8Array.of(4));
      await made.time.waitFor(() => here.packets.length === 1, 'the answer has come');
      expect(here.packets[0]).toEqual({ bytes: Uint8Array.of(4), from: there.socket.address });
    });

    it('keep their bounds', async () => {
      const { here, there } = await both();
      for (let length = 1; length <= 50; length++) here.socket.send(there.socket.address, new Uint8Array(length).fill(length));
      await made.time.waitFor(() => there.packets.length === 50, 'all packets have come');
      const lengths = there.packets.map(({ bytes }) => bytes.length).sort((a, b) => a - b);
      expect(lengths).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(there.packets.every(({ bytes }) => bytes.every((byte) => byte === bytes.length))).toBe(true);
    });

    it('have 1,200 bytes and no more', async () => {
      const { here, there } = await both();
      expect(() => here.socket.send(there.socket.address, new Uint8Array(MAX_DATAGRAM_BYTES + 1))).toThrow(
        expect.objectContaining({ code: 'too-large' }),
      );
      here.socket.send(there.socket.address, new Uint8Array(MAX_DATAGRAM_BYTES).fill(5));
      await made.time.waitFor(() => there.packets.length === 1, 'the packet has come');
      expect(there.packets[0]?.bytes).toEqual(new Uint8Array(MAX_DATAGRAM_BYTES).fill(5));
    });

    it('may be empty, and hold the bytes of the moment in which they are sent', async () => {
      const { here, there } = await both();
      const bytes = Uint8Array.of(1, 2, 3);
      here.socket.send(there.socket.address, bytes);
      bytes.fill(9);
      await made.time.waitFor(() => there.packets.length === 1, 'the packet has come');
      here.socket.send(there.socket.address, new Uint8Array(0));
      await made.time.waitFor(() => there.packets.length === 2, 'the empty packet has come');
      expect(there.packets.map((packet) => [...packet.bytes])).toEqual([[1, 2, 3], []]);
    });

    it.each(['', 'nonsense', '127.0.0.1', '127.0.0.1:99999', '127.0.0.1:0'])(
      'cannot be sent to what is no address: "%s"',
      async (address) => {
        const { here } = await both();
        expect(() => here.socket.send(address, Uint8Array.of(1))).toThrow(expect.objectContaining({ code: 'bad-argument' }));
      },
    );

    it('to nobody go nowhere, and harm nobody', async () => {
      const { here, there } = await both();
      const gone = await bind(made.there, made.bindThere);
      await made.time.until(gone.socket.close());
      for (let i = 0; i < 5; i++) here.socket.send(gone.socket.address, Uint8Array.of(i));
      await made.time.settle();
      here.socket.send(there.socket.address, Uint8Array.of(9));
      await made.time.waitFor(() => there.packets.length === 1, 'the packet has come');
      expect(gone.packets).toEqual([]);
    });

    it('come to the socket of their port', async () => {
      const { here, there } = await both();
      const second = await bind(made.there, made.bindThere);
      expect(second.socket.address).not.toBe(there.socket.address);
      here.socket.send(second.socket.address, Uint8Array.of(2));
      here.socket.send(there.socket.address, Uint8Array.of(1));
      await made.time.waitFor(() => there.packets.length + second.packets.length === 2, 'both packets have come');
      expect([there.packets[0]?.bytes, second.packets[0]?.bytes]).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    });

    it('have an address with a port of its own, which is theirs until they close', async () => {
      const { here } = await both();
      expect(here.socket.address).toMatch(/^[^:]+:[1-9]\d{0,4}$/);
      await expect(made.time.until(made.here.bind(here.socket.address))).rejects.toMatchObject({ code: 'in-use' });
      await made.time.until(here.socket.close());
      const again = await bind(made.here, here.socket.address);
      expect(again.socket.address).toBe(here.socket.address);
    });

    it('neither leave nor come after close, which may be called twice', async () => {
      const { here, there } = await both();
      await made.time.until(there.socket.close());
      await made.time.until(there.socket.close());
      here.socket.send(there.socket.address, Uint8Array.of(1));
      there.socket.send(here.socket.address, Uint8Array.of(1));
      await made.time.settle();
      expect([here.packets, there.packets]).toEqual([[], []]);
    });

    it('cannot be bound to what is no address', async () => {
      await expect(made.time.until(made.here.bind('nonsense'))).rejects.toMatchObject({ code: 'bad-argument' });
    });
  });
}
