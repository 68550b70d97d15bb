import { describe, expect, it } from 'vitest';
import { AddressLimits, type Admission, type RefusalReason } from './limits.ts';

function admitted(admission: Admission | RefusalReason): Admission {
  if (typeof admission === 'string') throw new Error(`refused: ${admission}`);
  return admission;
}

describe('AddressLimits', () => {
  it('bounds handshakes and connections of an address, each by its own limit', () => {
    const limits = new AddressLimits({ maxConnectionsPerAddress: 3, maxHandshakesPerAddress: 2 });
    const first = admitted(limits.admit('192.0.2.1'));
    const second = admitted(limits.admit('192.0.2.1'));
    expect(limits.admit('192.0.2.1')).toBe('handshakes-per-address');
    admitted(limits.admit('192.0.2.2'));
    first.handshakeDone();
    second.handshakeDone();
    const third = admitted(limits.admit('192.0.2.1'));
    third.handshakeDone();
    expect(limits.admit('192.0.2.1')).toBe('connections-per-address');
    second.release();
    admitted(limits.admit('192.0.2.1'));
  });

  it('bounds all addresses together', () => {
    const limits = new AddressLimits({ maxConnections: 3, maxHandshakes: 2 });
    const places = [admitted(limits.admit('192.0.2.1')), admitted(limits.admit('192.0.2.2'))];
    expect(limits.admit('192.0.2.3')).toBe('handshakes');
    for (const place of places) place.handshakeDone();
    admitted(limits.admit('192.0.2.3')).handshakeDone();
    expect(limits.admit('192.0.2.4')).toBe('connections');
    expect([limits.connections, limits.handshakes]).toEqual([3, 0]);
  });

  it('counts an IPv6 network as one address', () => {
    const limits = new AddressLimits({ maxHandshakesPerAddress: 1 });
    admitted(limits.admit('2001:db8::1'));
    expect(limits.admit('2001:db8::2')).toBe('handshakes-per-address');
    admitted(limits.admit('2001:db8:0:1::1'));
  });

  it('leaves loopback out only when told', () => {
    const strict = new AddressLimits({ maxHandshakesPerAddress: 1, exemptLoopback: false });
    admitted(strict.admit('127.0.0.1'));
    expect(strict.admit('127.0.0.1')).toBe('handshakes-per-address');
    const lenient = new AddressLimits({ maxHandshakesPerAddress: 1, maxConnections: 2 });
    admitted(lenient.admit('127.0.0.1'));
    admitted(lenient.admit('::1'));
    expect(lenient.admit('127.0.0.1')).toBe('connections');
  });

  it('counts each end once, in whatever order', () => {
    const limits = new AddressLimits({ maxConnectionsPerAddress: 1 });
    for (let i = 0; i < 3; i++) {
      const place = admitted(limits.admit('192.0.2.1'));
      if (i > 0) place.handshakeDone();
      for (let again = 0; again < 2; again++) {
        place.release();
        place.handshakeDone();
      }
      expect([limits.connections, limits.handshakes]).toEqual([0, 0]);
    }
  });
});
