import { describe, expect, it } from 'vitest';
import { dialable, endpointsOf, meantForUs, OwnEndpoints, parseEndpoint } from './endpoints.ts';
import type { Link } from './link.ts';

/** As much of a link as is looked at: who is there, and as whom it sees us. */
function link(options: { from: string; seen?: string; dialled?: boolean; listens?: string }): Link {
  return {
    peer: { attributes: options.listens === undefined ? {} : { listens: options.listens } },
    connection: { transport: 'tls', dialled: options.dialled ?? true, remoteAddress: options.from },
    seenAddress: options.seen,
  } as unknown as Link;
}

function server(...bound: [string, string][]): OwnEndpoints {
  const own = new OwnEndpoints({ guesses: true });
  for (const [scheme, address] of bound) own.bound(scheme, address);
  return own;
}

describe('endpoints', () => {
  it('are a scheme and an address that is one', () => {
    expect(parseEndpoint('tls:203.0.113.5:4717')).toEqual({ scheme: 'tls', address: '203.0.113.5:4717' });
    expect(parseEndpoint('udp:[2001:db8::5]:4717')).toEqual({ scheme: 'udp', address: '[2001:db8::5]:4717' });
    expect(parseEndpoint('wss:chat.example.org')).toEqual({ scheme: 'wss', address: 'chat.example.org' });
    for (const bad of ['', 'tls:', 'tls:203.0.113.5', 'tls:203.0.113.5:0', 'tls:203.0.113.5:70000', 'tls:0.0.0.0:4717', 'tls:[::]:1']) {
      expect(parseEndpoint(bad), bad).toBeUndefined();
    }
    for (const bad of [
      'tls:2130706433:1',
      'tls:127.1:1',
      'tls:0x7f000001:1',
      'tls:0x7f.1:1',
      'tls:0:1',
      'tls:a.0177.:1',
      'tls:[0:0::0]:1',
    ]) {
      expect(parseEndpoint(bad), bad).toBeUndefined();
    }
    for (const bad of ['TLS:a:1', 'tls:a b:1', 'tls:user@host:1', 'wss:host/path', 'tls:::1:5', `tls:${'a'.repeat(200)}:1`]) {
      expect(parseEndpoint(bad), bad).toBeUndefined();
    }
  });

  it('say how they are dialled', () => {
    expect(dialable('tls:203.0.113.5:4717')).toEqual({ transport: 'tls', address: '203.0.113.5:4717' });
    expect(dialable('wss:chat.example.org')).toEqual({ transport: 'ws', address: 'wss://chat.example.org' });
    expect(dialable('udp:203.0.113.5:4717')).toBeUndefined();
    expect(dialable('nonsense')).toBeUndefined();
  });

  it('of a stranger that name a private network are meant for those who are in one', () => {
    const named = ['tls:203.0.113.5:1', 'tls:127.0.0.1:1', 'tls:10.0.0.1:1', 'tls:[fd00::1]:1', 'wss:chat.example.org', 'tls:[::1]:1'];
    const everywhere = ['tls:203.0.113.5:1', 'wss:chat.example.org'];
    expect(meantForUs(named, [])).toEqual(everywhere);
    expect(meantForUs(named, ['tls:198.51.100.7:4717', 'nonsense'])).toEqual(everywhere);
    expect(meantForUs(named, ['tls:192.168.1.7:4717'])).toEqual(['tls:203.0.113.5:1', 'tls:10.0.0.1:1', 'wss:chat.example.org']);
    expect(meantForUs(named, ['tls:127.0.0.1:9'])).toEqual(['tls:203.0.113.5:1', 'tls:127.0.0.1:1', 'wss:chat.example.org', 'tls:[::1]:1']);
    expect(meantForUs(['nonsense', 'tls:0.0.0.0:1'], ['tls:127.0.0.1:9'])).toEqual([]);
  });

  it.each([
    'tls:[::ffff:127.0.0.1]:1',
    'tls:[::ffff:7f00:1]:1',
    'tls:[::FFFF:a00:1]:1',
    'tls:[0:0:0:0:0:ffff:10.0.0.1]:1',
    'tls:[0:0:0:0:0:0:0:1]:1',
    'tls:[::1%lo]:1',
    'tls:[fec0::1]:1',
    'tls:0.0.0.1:1',
    'tls:LocalHost:1',
    'tls:localhost.:1',
    'tls:router.localhost:1',
  ])('that name a private place are known in any form: %s', (endpoint) => {
    expect(meantForUs([endpoint], ['tls:198.51.100.7:4717'])).toEqual([]);
    expect(meantForUs([endpoint], ['tls:127.0.0.1:1', 'tls:10.0.0.1:1', 'tls:[fd00::1]:1'])).toEqual(
      parseEndpoint(endpoint) ? [endpoint] : [],
    );
  });

  it('of a neighbour are at the host from which it speaks', () => {
    expect(endpointsOf(link({ from: '203.0.113.5:50000', listens: 'tls:4717 udp:4718' }))).toEqual([
      'tls:203.0.113.5:4717',
      'udp:203.0.113.5:4718',
    ]);
    expect(endpointsOf(link({ from: '[2001:db8::5]:50000', listens: 'tls:4717' }))).toEqual(['tls:[2001:db8::5]:4717']);
    for (const listens of ['tls:198.51.100.1:25', 'tls:0', 'tls:99999', 'tls', ' ', 'TLS:1']) {
      expect(endpointsOf(link({ from: '203.0.113.5:50000', listens })), listens).toEqual([]);
    }
    expect(endpointsOf(link({ from: '203.0.113.5:50000' }))).toEqual([]);
    const many = Array.from({ length: 20 }, (_, i) => `tls:${i + 1}`).join(' ');
    expect(endpointsOf(link({ from: '203.0.113.5:50000', listens: many }))).toHaveLength(4);
  });
});

describe('own endpoints', () => {
  it('are what is bound to an address of its own', () => {
    const own = server(['tls', '203.0.113.5:4717'], ['udp', '[2001:db8::5]:4717']);
    expect(own.list()).toEqual(['tls:203.0.113.5:4717', 'udp:[2001:db8::5]:4717']);
    expect(own.listens()).toBe('tls:4717 udp:4717');
  });

  it('are, where all addresses are bound, what neighbours see', () => {
    const own = server(['tls', '0.0.0.0:4717'], ['udp', '0.0.0.0:4717']);
    let changes = 0;
    own.events.on('changed', () => changes++);
    expect(own.list()).toEqual([]);
    own.linked(link({ from: '198.51.100.1:4717', seen: '203.0.113.5:50123' }));
    expect(own.list()).toEqual(['tls:203.0.113.5:4717', 'udp:203.0.113.5:4717']);
    own.linked(link({ from: '198.51.100.2:4717', seen: '203.0.113.5:50124' }));
    expect(changes).toBe(1);
  });

  it('hold what a neighbour dialled for better than a guess', () => {
    const own = server(['tls', '0.0.0.0:4717']);
    own.linked(link({ from: '198.51.100.1:51000', seen: '203.0.113.5:8000', dialled: false }));
    expect(own.list()).toEqual(['tls:203.0.113.5:8000']);
    const client = new OwnEndpoints({ guesses: false });
    client.bound('tls', '0.0.0.0:40000');
    client.linked(link({ from: '198.51.100.1:4717', seen: '203.0.113.5:50123' }));
    expect(client.list()).toEqual([]);
    client.linked(link({ from: '192.168.1.9:51000', seen: '192.168.1.7:40000', dialled: false }));
    expect(client.list()).toEqual(['tls:192.168.1.7:40000']);
  });

  it('follow the many, not one network that lies', () => {
    const own = server(['tls', '0.0.0.0:4717']);
    for (let i = 1; i <= 3; i++) own.linked(link({ from: `198.51.100.${i}:4717`, seen: '203.0.113.5:50123' }));
    for (let i = 0; i < 200; i++) own.linked(link({ from: '192.0.2.66:4717', seen: `203.0.113.99:${i + 1}` }));
    expect(own.list()).toEqual(['tls:203.0.113.5:4717']);
  });

  it('name one address of each kind, and loopback only where there is no other', () => {
    const own = server(['tls', '[::]:4717']);
    own.linked(link({ from: '127.0.0.1:51000', seen: '127.0.0.1:4717', dialled: false }));
    expect(own.list()).toEqual(['tls:127.0.0.1:4717']);
    own.linked(link({ from: '192.168.1.9:51000', seen: '192.168.1.7:4717', dialled: false }));
    own.linked(link({ from: '198.51.100.1:4717', seen: '203.0.113.5:50123' }));
    own.linked(link({ from: '[2001:db8:9::1]:4717', seen: '[2001:db8::5]:50123' }));
    expect(own.list()).toEqual(['tls:192.168.1.7:4717', 'tls:203.0.113.5:4717', 'tls:[2001:db8::5]:4717']);
  });

  it('are what is advertised, in place of what is bound for the same scheme', () => {
    const own = new OwnEndpoints({ advertise: ['tls:home.example.org:443', 'wss:chat.example.org'], guesses: true });
    own.bound('tls', '0.0.0.0:4717');
    own.bound('udp', '203.0.113.5:4717');
    expect(own.list()).toEqual(['tls:home.example.org:443', 'wss:chat.example.org', 'udp:203.0.113.5:4717']);
    expect(() => new OwnEndpoints({ advertise: ['203.0.113.5'], guesses: true })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    );
  });

  it('leave out what a neighbour says that is no address', () => {
    const own = server(['tls', '0.0.0.0:4717']);
    for (const seen of ['', 'nonsense', '0.0.0.0:1', '[::]:5', 'a b:5', '203.0.113.5']) own.linked(link({ from: '198.51.100.1:1', seen }));
    expect(own.list()).toEqual([]);
  });
});
