import { describe, expect, it } from 'vitest';
import { befriend } from './lib/friends.ts';
import type { Network, ParticipantConfig } from './lib/network.ts';
import { registered } from './lib/registry.ts';

const MINUTE = 60_000;

/** Verbs that say where nodes are, whoever talks with whom: of links, routes and records. */
const WHEREABOUTS = new Set(['HELLO', 'ROUTING', 'PUBLISH', 'RECORDS', 'FIND', 'FOUND', 'BYE', 'CHANNEL', 'JOIN']);

/** What each host could read of messages that went over its links. */
class Eyes {
  readonly #seen = new Map<string, string[]>();

  constructor(net: Network) {
    net.world.network.onFrame(({ kind, bytes, from, to }) => {
      if (kind !== 'message') return undefined;
      const text = Buffer.from(bytes).toString();
      const { msg_type: verb } = JSON.parse(text) as { msg_type: string };
      for (const host of WHEREABOUTS.has(verb) ? [] : [from, to]) this.#seen.set(host, [...(this.#seen.get(host) ?? []), text]);
      return undefined;
    });
  }

  /** Whether a host had anything before it that holds a text. */
  sees(host: string, ...texts: string[]): boolean {
    return (this.#seen.get(host) ?? []).some((frame) => texts.some((text) => frame.includes(text)));
  }
}

/** Servers, and the two of whom nobody is to know that they know each other: each attached to two servers. */
async function begin(seed: string, options: { servers?: number; hops?: number; client?: ParticipantConfig } = {}) {
  const { net, servers } = await registered(seed, {
    servers: options.servers ?? 6,
    clients: 2,
    ...(options.client ? { client: options.client } : {}),
  });
  const [ann, ben] = ['client0', 'client1'] as const;
  for (const host of [ann, ben]) await net.world.until(net.get(host).node.settings.set({ circuits: options.hops ?? 3 }));
  const names = { ann: [net.idOf(ann), net.get(ann).identity.keyId], ben: [net.idOf(ben), net.get(ben).identity.keyId] };
  return { net, servers, ann, ben, names };
}

const shows = (net: Network, host: string, texts: readonly string[], limitMs = 2 * MINUTE): Promise<void> =>
  net.world.runUntil(() => net.texts(host).length >= texts.length, { limitMs, what: `that ${host} shows ${texts.length}` });

describe('two who talk by circuit', () => {
  it('become contacts, write and sign for it, and no server sees both of them', async () => {
    const { net, servers, ann, ben, names } = await begin('circuit');
    const eyes = new Eyes(net);
    await befriend(net, ann, ben);
    const id = net.get(ann).node.direct.idWith(net.get(ben).identity.keyId);
    await net.world.runUntil(() => [ann, ben].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
    const { msgId } = await net.send(ann, `@${ben}`, 'nobody knows that I write to you');
    await shows(net, ben, ['1']);
    await net.send(ben, `@${ann}`, 'nor that I answer');
    await shows(net, ann, ['1', '2']);
    await net.world.advance(10_000);
    expect(net.texts(ben)).toEqual(['nobody knows that I write to you', 'nor that I answer']);
    expect((await net.world.until(net.get(ann).node.channels.delivery(msgId)))?.state).toBe('delivered');
    const both = servers.filter((server) => eyes.sees(server, ...names.ann) && eyes.sees(server, ...names.ben));
    expect(both).toEqual([]);
    // Each was seen as the one for whom something is, or the search would find nothing at all.
    expect(servers.some((server) => eyes.sees(server, ...names.ann))).toBe(true);
    expect(servers.some((server) => eyes.sees(server, ...names.ben))).toBe(true);
    expect(net.errors()).toEqual([]);
  });
});
