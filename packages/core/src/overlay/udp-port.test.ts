import { describe, expect, it } from 'vitest';
import type { DatagramTransport } from '../ports/datagrams.ts';
import { Metrics } from '../util/metrics.ts';
import { REGISTRY_BYTES, STUN_BYTES, UdpPort } from './udp-port.ts';

/** One socket whose packets the test hands in and looks at. */
function wire() {
  const sent: { to: string; packet: Uint8Array }[] = [];
  let receive: (packet: Uint8Array, from: string) => void = () => {};
  const transport: DatagramTransport = {
    bind: async (address) => ({
      address,
      send: (to, packet) => sent.push({ to, packet }),
      onPacket: (handler) => {
        receive = handler;
      },
      close: async () => {},
    }),
  };
  return { transport, sent, receive: (packet: Uint8Array) => receive(packet, '192.0.2.1:9') };
}

describe('UDP port', () => {
  it('hands packets over by their first byte, and counts what nobody takes', async () => {
    const metrics = new Metrics();
    const { transport, receive } = wire();
    const port = new UdpPort(transport, metrics);
    const got: string[] = [];
    port.claim(STUN_BYTES, (packet, from) => got.push(`stun ${packet.length} ${from}`));
    port.claim(REGISTRY_BYTES, (packet) => got.push(`registry ${packet.length}`));
    await port.bind('192.0.2.7:1');
    receive(Uint8Array.of(0x3f, 1));
    receive(Uint8Array.of(0xc0));
    receive(Uint8Array.of(0x40));
    receive(new Uint8Array(0));
    receive(new Uint8Array(1201).fill(0xc0));
    expect(got).toEqual(['stun 2 192.0.2.1:9', 'registry 1']);
    expect(metrics.value('rejections', 'udp-unknown')).toBe(3);
    expect(metrics.value('udp_received')).toBe(5);
  });

  it('refuses two handlers for one first byte, a second port, and a platform without UDP', async () => {
    const port = new UdpPort(wire().transport, new Metrics());
    port.claim(REGISTRY_BYTES, () => {});
    expect(() => port.claim({ from: 0xb0, to: 0xc0 }, () => {})).toThrow(/have a handler/);
    expect(await port.bind('192.0.2.7:1')).toBe('192.0.2.7:1');
    await expect(port.bind('192.0.2.7:2')).rejects.toMatchObject({ code: 'conflict' });
    await expect(new UdpPort(undefined, new Metrics()).bind('192.0.2.7:1')).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('sends nothing while no port is bound', async () => {
    const { transport, sent } = wire();
    const port = new UdpPort(transport, new Metrics());
    port.send('192.0.2.1:9', Uint8Array.of(1));
    await port.bind('192.0.2.7:1');
    port.send('192.0.2.1:9', Uint8Array.of(2));
    expect(sent).toEqual([{ to: '192.0.2.1:9', packet: Uint8Array.of(2) }]);
  });
});
