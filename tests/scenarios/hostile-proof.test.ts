import { HELLO, type JsonObject, PROOF } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab, NOTE } from './lib/link-lab.ts';

describe('opening a link by PROOF', () => {
  it('proves both keys', async () => {
    const lab = new LinkLab('proof-1');
    const server = await lab.listener('s', { proof: true });
    const client = await lab.party('c');
    const { link, back } = await lab.linked(client, server);
    expect(link.peer).toMatchObject({ nodeId: server.identity.nodeId, certificate: undefined, name: 's' });
    expect(back.peer).toMatchObject({ nodeId: client.identity.nodeId, certificate: undefined, name: 'c' });
  });

  it('takes a name only if it follows the rules for names', async () => {
    const lab = new LinkLab('proof-2');
    const server = await lab.listener('s', { proof: true });
    for (const [index, name] of ['ann#1', '\u202eann', ' ', 'x'.repeat(200), 'ann'].entries()) {
      const puppet = await lab.puppet(`p${index}`, server);
      puppet.helloWithKey({ attributes: { node_type: 'client', name } });
      await lab.world.runUntil(() => puppet.heard('PROOF').length > 0);
      puppet.say(PROOF, { sig: await puppet.proof() });
      await lab.world.runUntil(() => server.links.get(puppet.identity.nodeId) !== undefined);
      expect(server.links.get(puppet.identity.nodeId)?.peer.name).toBe(name === 'ann' ? 'ann' : '');
    }
  });

  it.each([
    ['a client whose signatures take time', { slowSigner: true }, {}],
    ['a server whose signatures take time', {}, { slowSigner: true }],
    [
      'a server that takes time to judge',
      {},
      { admit: () => new Promise<undefined>((resolve) => queueMicrotask(() => resolve(undefined))) },
    ],
  ])('works with %s, and messages never overtake the proof', async (_, ofClient, ofServer) => {
    const lab = new LinkLab('proof-3');
    const server = await lab.listener('s', { proof: true, ...ofServer });
    const client = await lab.party('c', ofClient);
    for (const party of [client, server]) party.links.events.on('up', (link) => link.say(NOTE, { from: party.host }));
    await lab.linked(client, server);
    await lab.world.runUntil(() => client.heard.length === 1 && server.heard.length === 1);
    expect([...client.fails, ...server.fails]).toEqual([]);
    expect(server.metrics.snapshot().counters.get('rejections')).toBeUndefined();
  });

  it.each([
    ['without a nonce', { nonce: undefined }, 'refused'],
    ['without a key', { key: undefined }, 'refused'],
    ['with a key that is none', { key: `key_${'1'.repeat(44)}` }, 'refused'],
    ['with a nonce of another length', { nonce: 'AAAA' }, 'bad-message'],
    ['with the node id of another key', { node_id: '00000000-0000-8000-8000-000000000000' }, 'refused'],
  ])('refuses HELLO %s', async (_, changes, code) => {
    const lab = new LinkLab('proof-4');
    const server = await lab.listener('s', { proof: true });
    const puppet = await lab.puppet('p', server);
    puppet.helloWithKey(changes as unknown as JsonObject);
    await lab.world.runUntil(() => puppet.ended);
    expect(server.fails.map((error) => error.code)).toEqual([code]);
    expect(puppet.heard('PROOF')).toEqual([]);
  });

  const forgeries: [string, JsonObject][] = [
    ['the roles swapped', { role: 'listen' }],
    ['another binding', { binding: 'elsewhere:4000' }],
    ['the nonces swapped', { nonce_from: 'x', nonce_to: 'y' }],
    ['another recipient', { to: `key_${'2'.repeat(44)}` }],
    ['another sender', { from: `key_${'2'.repeat(44)}` }],
  ];
  it.each(forgeries)('refuses a proof with %s', async (_, changes) => {
    const lab = new LinkLab('proof-5');
    const server = await lab.listener('s', { proof: true });
    const puppet = await lab.puppet('p', server);
    puppet.helloWithKey();
    await lab.world.runUntil(() => puppet.heard('PROOF').length > 0);
    const [hello] = puppet.heard('HELLO');
    const swapped = 'nonce_from' in changes ? { nonce_from: hello?.nonce ?? '', nonce_to: puppet.nonce } : changes;
    puppet.say(PROOF, { sig: await puppet.proof(swapped) });
    await lab.world.runUntil(() => puppet.ended);
    expect(server.fails.map((error) => error.code)).toEqual(['bad-signature']);
    expect(server.links.size).toBe(0);
  });

  it("refuses another connection's proof, its own sent back, and one that is signed for something else", async () => {
    const lab = new LinkLab('proof-6');
    const server = await lab.listener('s', { proof: true });
    const first = await lab.puppet('p', server);
    first.helloWithKey();
    await lab.world.runUntil(() => first.heard('PROOF').length > 0);
    const sig = await first.proof();
    first.say(PROOF, { sig });
    await lab.world.runUntil(() => server.links.size === 1);

    const attempt = async (
      host: string,
      as: string,
      make: (host: Awaited<ReturnType<LinkLab['puppet']>>) => Promise<string>,
    ): Promise<void> => {
      const puppet = await lab.puppet(host, server, { as });
      puppet.nonce = first.nonce;
      puppet.helloWithKey();
      await lab.world.runUntil(() => puppet.heard('PROOF').length > 0);
      puppet.say(PROOF, { sig: await make(puppet) });
      await lab.world.runUntil(() => puppet.ended);
    };
    await attempt('q', 'p', async () => sig);
    await attempt('r', 'r', async (puppet) => String(puppet.heard('PROOF')[0]?.sig));
    await attempt('t', 't', async (puppet) => {
      const signature = await puppet.identity.sign(new TextEncoder().encode('parley/auth/1\n{}'));
      return Buffer.from(signature).toString('base64');
    });
    expect(server.fails.map((error) => error.code)).toEqual(['bad-signature', 'bad-signature', 'bad-signature']);
    // The true one stands.
    expect(server.links.all().map((link) => link.peer.keyId)).toEqual([first.identity.keyId]);
  });

  it('refuses a node that comes with our own key', async () => {
    const lab = new LinkLab('proof-7');
    const server = await lab.listener('s', { proof: true });
    const puppet = await lab.puppet('p', server, { as: 's' });
    puppet.helloWithKey();
    await lab.world.runUntil(() => puppet.ended);
    expect(server.fails.map((error) => error.code)).toEqual(['refused']);
  });

  it('counts a second HELLO while the proof is awaited, and ignores it', async () => {
    const lab = new LinkLab('proof-8');
    const server = await lab.listener('s', { proof: true });
    const puppet = await lab.puppet('p', server);
    const other = await lab.identity('other');
    puppet.helloWithKey();
    puppet.say(HELLO, { node_id: other.nodeId, key: other.keyId, nonce: puppet.nonce, attributes: { node_type: 'server' } });
    await lab.world.runUntil(() => puppet.heard('PROOF').length > 0);
    puppet.say(PROOF, { sig: await puppet.proof() });
    await lab.world.runUntil(() => server.links.size === 1);
    expect(server.links.all()[0]?.peer.keyId).toBe(puppet.identity.keyId);
    expect(server.metrics.value('rejections', 'hello-again')).toBe(1);
  });
});
