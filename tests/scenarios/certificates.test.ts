import { CERTIFICATE, registryDefaults, type StoreWrite } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;

type Changeable = { -readonly [K in keyof ParticipantConfig]: ParticipantConfig[K] };

/** A server and two members of #lobby, of whom `a` keeps few certificates, and listens. */
async function begin(seed: string, config: Changeable = {}): Promise<Network> {
  const net = new Network({ seed });
  await net.server('s');
  config.listen = true;
  config.certificates ??= { capacity: 8 };
  // Handed over as it is: a test may change it before a restart.
  await net.add('a', config);
  await net.client('b');
  for (const host of ['a', 'b']) net.link(host, 's');
  await net.world.runUntil(() => net.reaches('a', 'b') && net.reaches('b', 'a'));
  await net.channel('lobby', 'a', 'b');
  await net.world.runUntil(() => nameAt(net, 'a', net.idOf('b')) === 'b', { limitMs: MINUTE, what: 'that a knows b by name' });
  await net.world.advance(1000);
  return net;
}

const nameAt = (net: Network, host: string, nodeId: string): string | undefined => net.get(host).node.nameOf(nodeId);
const onDisk = (net: Network, table: string): number => net.world.drive('a').disk.count(table, {});

async function visit(net: Network, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) {
    const stranger = await Stranger.meet(net, `stranger${i}`, 'a');
    ids.push(stranger.nodeId);
    await net.world.advance(1000);
  }
  return ids;
}

describe('certificates', () => {
  it('of strangers are bounded on disk too, and push out none of the members of a joined channel', async () => {
    const net = await begin('bounded');
    const strangers = await visit(net, 30);
    expect(onDisk(net, 'certificates')).toBe(8);
    expect(onDisk(net, 'certificate_names')).toBe(8);
    net.crash('a');
    net.crash('b');
    await net.restart('a');
    expect(nameAt(net, 'a', net.idOf('b'))).toBe('b');
    expect(nameAt(net, 'a', strangers.at(-1) as string)).toBe('stranger29');
    expect(nameAt(net, 'a', strangers[0] as string)).toBeUndefined();
  });

  it('are read back by use, the latest first, and what is too much by now is deleted', async () => {
    const certificates = { capacity: 40 };
    const net = await begin('use', { certificates });
    const strangers = await visit(net, 20);
    await net.world.advance(60 * MINUTE);
    const used = strangers.slice(3, 6);
    for (const nodeId of used) expect(nameAt(net, 'a', nodeId)).toBeDefined();
    await net.stop('a');
    certificates.capacity = 5;
    net.crash('b');
    await net.restart('a');
    expect(onDisk(net, 'certificates')).toBe(5);
    for (const nodeId of [...used, net.idOf('b')]) expect(nameAt(net, 'a', nodeId)).toBeDefined();
  });

  it('say to whom something can be sealed: from what is kept, after a start too, or when the holder answers; and not for ever', async () => {
    const net = await begin('targets');
    const { sealingKey } = net.get('b').identity;
    const ask = (nodeId: string) => net.world.until(net.get('a').node.certificates.target(nodeId), { limitMs: MINUTE });
    expect(await ask(net.idOf('b'))).toMatchObject({ nodeId: net.idOf('b'), sealingKey });
    net.crash('a');
    net.crash('b');
    await net.restart('a');
    expect(await ask(net.idOf('b'))).toMatchObject({ sealingKey });
    // A client that nobody asked before: it answers.
    await net.client('c');
    net.link('c', 's');
    await net.world.runUntil(() => net.reaches('a', 'c') && net.reaches('c', 'a'));
    expect(await ask(net.idOf('c'))).toMatchObject({ sealingKey: net.get('c').identity.sealingKey });
    await expect(ask(guid(5))).rejects.toMatchObject({ code: 'unreachable' });
    const waiting = net.get('a').node.certificates.target(guid(6));
    const settled = expect(waiting).rejects.toMatchObject({ code: 'unreachable' });
    await net.stop('a');
    await settled;
  });

  it('that were kept without a name beside them are read once', async () => {
    const net = await begin('unnamed');
    net.crash('a');
    const { disk } = net.world.drive('a');
    const writes = disk.range('certificate_names', {}).map(({ key }): StoreWrite => ({ op: 'delete', table: 'certificate_names', key }));
    disk.apply(writes);
    net.crash('b');
    await net.restart('a');
    expect(nameAt(net, 'a', net.idOf('b'))).toBe('b');
    expect(onDisk(net, 'certificate_names')).toBe(onDisk(net, 'certificates'));
  });

  it('are judged again after a start where only those of an authority count', async () => {
    const config: Changeable = {};
    const net = await begin('judged', config);
    net.crash('a');
    // It trusts no authority from now on, and so nobody.
    config.authorities = [];
    const again = await net.restart('a');
    await net.world.advance(1000);
    expect(again.node.nameOf(net.idOf('b'))).toBeUndefined();
    expect(onDisk(net, 'certificates')).toBe(0);
  });

  it('are taken once for each question', async () => {
    const net = await begin('once');
    const stranger = await Stranger.meet(net, 'stranger', 's');
    stranger.onMessage = (message) => stranger.acknowledge(message);
    await net.world.runUntil(() => net.get('a').node.overlay.reaches(stranger.nodeId), { limitMs: MINUTE });
    net.get('a').node.certificates.fetch(stranger.nodeId);
    await net.world.advance(2000);
    expect(stranger.of('GETCERTIFICATE').length).toBe(1);
    const { certificate } = stranger.identity;
    for (let i = 0; i < 3; i++) {
      const data = { msg_id: guid(i), recipient_id: net.idOf('a'), certificate: Buffer.from(certificate).toString('base64') };
      stranger.send(await stranger.compose(CERTIFICATE, data));
      await net.world.advance(1000);
    }
    expect(nameAt(net, 'a', stranger.nodeId)).toBe('stranger');
    expect(net.get('a').node.metrics.value('rejections', 'certificate-unasked')).toBe(2);
  });

  it('that do not come hold up no node that ends', async () => {
    const net = await begin('no hold');
    const silent = await Stranger.meet(net, 'silent', 's');
    silent.onMessage = (message) => silent.acknowledge(message);
    await net.world.runUntil(() => net.get('a').node.overlay.reaches(silent.nodeId), { limitMs: MINUTE });
    await net.world.until(net.get('a').node.contacts.add(silent.identity.keyId));
    await net.world.runUntil(() => silent.of('GETCERTIFICATE').length > 0, { limitMs: MINUTE });
    const clock = net.world.clock.view();
    const before = clock.monotonic();
    expect(await net.stop('a')).toBe(0);
    expect(clock.monotonic() - before).toBeLessThan(10_000);
  });

  it('of a node that is not listed are shown to those whom its user chose, to members of its channels and to devices that it is linked with alone', async () => {
    const net = new Network({ seed: 'unlisted' });
    await net.server('s');
    for (const host of ['a', 'b', 'c', 'd']) {
      await net.client(host, host === 'a' || host === 'd' ? { registry: { ...registryDefaults, listed: false } } : {});
      net.link(host, 's');
    }
    await net.world.runUntil(() => ['b', 'c', 'd'].every((host) => net.reaches(host, 'a') && net.reaches('a', host)));
    const a = net.get('a');
    const ask = (host: string, of = 'a') => net.world.until(net.get(host).node.certificates.target(net.idOf(of)), { limitMs: 5 * MINUTE });
    await expect(ask('b')).rejects.toMatchObject({ code: 'unreachable' });
    expect(a.node.metrics.value('rejections', 'certificate-unlisted')).toBeGreaterThan(0);
    // Whoever knows the key and wants to be a contact is no contact yet.
    await net.world.until(net.get('b').node.contacts.add(a.node.contacts.link));
    await net.world.advance(2 * MINUTE);
    expect(a.node.contacts.list()).toEqual([]);
    await net.world.until(a.node.contacts.add(net.get('b').node.contacts.link));
    await net.world.runUntil(() => a.node.contacts.isContact(net.idOf('b')) && net.get('b').node.contacts.isContact(net.idOf('a')), {
      limitMs: 10 * MINUTE,
      what: 'that both are contacts',
    });
    await net.world.until(a.node.contacts.block(net.get('b').identity.keyId));
    await net.channel('lobby', 'a', 'c');
    expect(await ask('c')).toMatchObject({ sealingKey: a.identity.sealingKey });
    const { link } = net.get('d').node.devices.code();
    expect(await net.world.until(a.node.devices.ask(link), { limitMs: MINUTE })).toMatchObject({ nodeId: net.idOf('d') });
  });
});
