import { BYE, type Certificate, errorCode, type JsonObject, PROOF } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab, NOTE, type Party } from './lib/link-lab.ts';

const reject = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'resolved';
  } catch (error) {
    return errorCode(error);
  }
};

describe('opening a link over a transport that proves the keys', () => {
  it('takes one HELLO each way, and tells both who the other is', async () => {
    const lab = new LinkLab('opening-1');
    const server = await lab.listener('s');
    const client = await lab.party('c', { relays: false });
    const { link, back } = await lab.linked(client, server);
    expect(link.peer).toMatchObject({
      nodeId: server.identity.nodeId,
      keyId: server.identity.keyId,
      name: 's',
      nodeType: 'server',
      relays: true,
      version: 'lab',
    });
    expect(back.peer).toMatchObject({ nodeId: client.identity.nodeId, name: 'c', nodeType: 'client', relays: false });
    expect(link.seenAddress).toBe(back.connection.remoteAddress);
    expect(back.seenAddress).toBe('s:4000');
    expect(server.ups).toHaveLength(1);
    expect(client.ups).toHaveLength(1);
  });

  it('has nothing in HELLO but what the transport leaves to be said', async () => {
    const lab = new LinkLab('opening-2');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    const [hello] = puppet.heard('HELLO');
    expect(Object.keys(hello ?? {}).sort()).toEqual(['attributes', 'node_id', 'seen_address', 'time', 'version']);
    expect(hello?.attributes).toEqual({ name: 's', node_type: 'server', relays: '1' });
  });

  const wrong: [string, (party: Party) => JsonObject, string][] = [
    ['a node id that is not that of the key', (server) => ({ node_id: server.identity.nodeId }), 'refused'],
    ['a key beside the one that was proved', (server) => ({ key: server.identity.keyId }), 'refused'],
  ];
  it.each(wrong)('refuses %s', async (_, changes, code) => {
    const lab = new LinkLab('opening-3');
    const server = await lab.listener('s');
    const puppet = await lab.puppet('p', server);
    puppet.hello(changes(server));
    await lab.world.runUntil(() => puppet.ended);
    expect(server.fails.map((error) => error.code)).toEqual([code]);
    expect(puppet.heard('BYE')).toHaveLength(1);
    expect(server.links.size).toBe(0);
  });

  it('refuses a link with itself', async () => {
    const lab = new LinkLab('opening-4');
    const server = await lab.listener('s');
    expect(await lab.world.until(reject(lab.dial(server, server)))).toBe('refused');
    expect(server.links.size).toBe(0);
    await lab.world.advance(5000);
    expect(server.links.size).toBe(0);
  });

  it('refuses everything but HELLO, PROOF and BYE before the link is open', async () => {
    const lab = new LinkLab('opening-5');
    const server = await lab.listener('s');
    const silent = await lab.puppet('p', server);
    silent.say(NOTE, { text: 'early' });
    silent.hello();
    await lab.world.runUntil(() => silent.ended);
    expect(server.heard).toEqual([]);
    expect(server.ups).toEqual([]);
    expect(server.metrics.value('rejections', 'link-not-open')).toBe(1);

    const data = await lab.puppet('q', server);
    data.connection.sendData(0, new Uint8Array(10));
    await lab.world.runUntil(() => data.ended);
    expect(server.metrics.value('rejections', 'link-not-open')).toBe(2);
  });

  it('refuses a PROOF that nothing asked for, before and after', async () => {
    const lab = new LinkLab('opening-6');
    const server = await lab.listener('s');
    const early = await lab.puppet('p', server);
    early.say(PROOF, { sig: `${'A'.repeat(86)}==` });
    await lab.world.runUntil(() => early.ended);
    const late = await lab.neighbour('q', server);
    late.say(PROOF, { sig: `${'A'.repeat(86)}==` });
    await lab.world.advance(1000);
    expect(server.metrics.value('rejections', 'proof-unexpected')).toBe(2);
    expect(server.links.reputation.score(late.identity.keyId, server.links.now())).toBeGreaterThan(0);
    expect(late.ended).toBe(false);
  });

  it('counts and ignores a second HELLO, also one that says something else', async () => {
    const lab = new LinkLab('opening-7');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    puppet.hello({ attributes: { node_type: 'server' } });
    puppet.say(NOTE, { text: 'still here' });
    await lab.world.runUntil(() => server.heard.length === 1);
    expect(server.metrics.value('rejections', 'hello-again')).toBe(1);
    expect(server.links.get(puppet.identity.nodeId)?.peer.nodeType).toBe('client');
    expect(server.links.reputation.score(puppet.identity.keyId, server.links.now())).toBe(0);
  });

  it('gives up on one that says nothing, or only a byte a second', async () => {
    const lab = new LinkLab('opening-8');
    const server = await lab.listener('s');
    const silent = await lab.puppet('p', server);
    lab.world.network.oneWay('q', 's', { bytesPerSecond: 1 });
    const slow = await lab.puppet('q', server);
    slow.hello();
    await lab.world.advance(15_000);
    expect([silent.ended, slow.ended]).toEqual([true, true]);
    expect(server.fails.map((error) => error.code)).toEqual(['timeout', 'timeout']);
    expect(server.metrics.value('links_failed', 'timeout')).toBe(2);
  });

  it('ends a connection that chatters before it is open', async () => {
    const lab = new LinkLab('opening-9');
    const server = await lab.listener('s');
    const one = await lab.puppet('p', server);
    for (let i = 0; i < 100; i++) one.connection.keepAlive();
    await lab.world.runUntil(() => one.ended);
    expect(server.metrics.value('rejections', 'opening-flood')).toBe(1);
  });

  it('dials no longer than it may, and stops when told to', async () => {
    const lab = new LinkLab('opening-10');
    const server = await lab.listener('s');
    const client = await lab.party('c', { config: { dialTimeoutMs: 3000 } });
    lab.world.network.between('c', 's', { blocked: true });
    const began = lab.world.clock.monotonic();
    expect(await lab.world.until(reject(lab.dial(client, server)))).toBe('timeout');
    expect(lab.world.clock.monotonic() - began).toBeCloseTo(3000, -2);

    lab.world.network.resetBetween('c', 's');
    // The connection stands, and the server says nothing on it.
    const mute = lab.world.network.transport('m', { certificate: (await lab.identity('m')).certificate });
    await mute.listen('m:4000', () => {});
    const controller = new AbortController();
    const pending = reject(client.links.dial('memory', 'm:4000', controller.signal));
    await lab.world.advance(1000);
    controller.abort();
    expect(await lab.world.until(pending)).toBe('aborted');
    expect(await lab.world.until(reject(client.links.dial('memory', 'm:4000', AbortSignal.abort())))).toBe('aborted');
  });

  it('says why it refuses, in words that the other side takes', async () => {
    const lab = new LinkLab('opening-11');
    const server = await lab.listener('s', { admit: () => `no\n\u009b31m${'x'.repeat(300)}` });
    const puppet = await lab.puppet('p', server);
    puppet.hello();
    await lab.world.runUntil(() => puppet.ended);
    const [bye] = puppet.heard('BYE');
    expect(BYE.validate.check(bye)).toBe(true);
    expect(String(bye?.reason)).toMatch(/^no {2}31mx{121}$/);
  });
});

describe('trust mode ca', () => {
  const admitting =
    (names: string[]) =>
    async (certificate: Certificate | undefined): Promise<string | undefined> => {
      await Promise.resolve();
      return certificate?.name !== undefined && names.includes(certificate.name) ? undefined : 'not one of ours';
    };

  it('admits whom it should, and refuses others and those without a certificate', async () => {
    const lab = new LinkLab('ca-1');
    const server = await lab.listener('s', { admit: admitting(['a']) });
    const a = await lab.party('a');
    const b = await lab.party('b');
    const c = await lab.party('c', { proof: true });
    await lab.linked(a, server);
    // Whoever dials has our HELLO before it is judged; it hears at once that it is not welcome.
    await lab.world.until(lab.dial(b, server));
    await lab.world.runUntil(() => b.downs.length === 1);
    expect(b.downs[0]?.reason).toBe('other side: not one of ours');
    expect(await lab.world.until(reject(lab.dial(c, server)))).toBe('refused');
    expect(server.links.all().map((link) => link.peer.name)).toEqual(['a']);
  });

  it('loses nothing that is said while a certificate is being judged', async () => {
    const lab = new LinkLab('ca-2');
    const slow = () => new Promise<undefined>((resolve) => lab.world.clock.after(500, () => resolve(undefined)));
    const server = await lab.listener('s', { admit: slow });
    const puppet = await lab.puppet('p', server);
    puppet.hello();
    // More than was ever held, and more than the window of the connection.
    for (let i = 0; i < 3000; i++) puppet.say(NOTE, { number: i, padding: 'x'.repeat(200) });
    await lab.world.runUntil(() => server.heard.length === 3000, { what: 'all notes' });
    expect(server.heard.map(({ data }) => data.number)).toEqual(Array.from({ length: 3000 }, (_, i) => i));
    expect(server.metrics.value('rejections', 'held-too-many')).toBe(0);
  });
});
