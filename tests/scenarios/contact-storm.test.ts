import {
  type AnyVerb,
  CONTACT,
  composeMessage,
  encodeCompact,
  type Identity,
  type JsonObject,
  KeyBook,
  SEALED,
  sealJwe,
} from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, befriend, contactOf } from './lib/friends.ts';
import { Network } from './lib/network.ts';
import { guid, Stranger } from './lib/stranger.ts';

const MINUTE = 60_000;
/** `npm run soak` lets ten thousand ask: each is a signature and a key agreement, and there is room for a hundred. */
const SOAK = process.env.PARLEY_SOAK !== undefined;
const FAST = SOAK ? 9000 : 1800;
const SLOW = SOAK ? 1000 : 200;

/** So much of an identity as signing takes: a certificate for each would take minutes. */
async function signer(net: Network, name: string): Promise<Pick<Identity, 'nodeId' | 'keyId' | 'sign'>> {
  const { crypto } = net.world;
  const key = await crypto.signingKey(crypto.sha256(new TextEncoder().encode(name)));
  const { nodeId, keyId } = new KeyBook(crypto, 1).of(key.publicKey);
  return { nodeId, keyId, sign: (data) => key.sign(data) };
}

describe(`${FAST + SLOW} strangers who ask to be contacts`, () => {
  it('fill no more than a page, push out nobody who is known, and are counted each', async () => {
    const net = new Network({ seed: 'strangers' });
    const { world } = net;
    await around(net, ['ben', 'carl']);
    await net.client('ann', { listen: true });
    net.link('ann', 's');
    await world.runUntil(() => ['ben', 'carl'].every((host) => net.reaches('ann', host) && net.reaches(host, 'ann')));
    await befriend(net, 'ann', 'ben');
    await net.channel('garden', 'ann', 'carl');
    const ann = net.get('ann');
    const relay = await Stranger.meet(net, 'relay', 'ann');
    const before = ann.node.contacts.list().length;

    const ask = async (i: number): Promise<void> => {
      const stranger = await signer(net, `stranger ${i}`);
      const msgId = guid(i);
      const about = { nodeId: stranger.nodeId, msgId };
      const content = { msg_type: CONTACT.name, msg_data: { msg_id: msgId, node_id: stranger.nodeId, name: `s${i}`, text: 'buy' } };
      const ports = { crypto: world.crypto, random: world.random.fork(`storm ${i}`) };
      const sealed = encodeCompact(await sealJwe(ports, ann.identity, about, content));
      const data: JsonObject = { msg_id: msgId, node_id: stranger.nodeId, recipient: [{ node_id: ann.identity.nodeId }], sealed };
      relay.send(await composeMessage(stranger as Identity, SEALED as AnyVerb, data, world.clock.now()));
    };
    for (let i = 0; i < FAST; i++) {
      await ask(i);
      if (i % 10 === 9) await world.advance(20);
    }
    // A member of a channel of hers asks in the midst of it.
    await world.until(net.get('carl').node.contacts.add(ann.node.contacts.link));
    for (let i = FAST; i < FAST + SLOW; i++) {
      await ask(i);
      await world.advance(1100);
    }
    await world.advance(MINUTE);

    const contacts = ann.node.contacts.list();
    const strangers = contacts.filter(({ name }) => /^s\d+$/.test(name ?? ''));
    expect(contactOf(net, 'ann', 'ben')?.state).toBe('accepted');
    expect(contactOf(net, 'ann', 'carl')?.state).toBe('incoming');
    expect(strangers.length).toBe(99);
    expect(contacts.length).toBe(before + 100);
    expect(world.drive('ann').disk.count('contacts', {})).toBe(contacts.length);
    // The latest are those that are left; each of the others has gone one of these ways, and was counted.
    expect(strangers.map(({ name }) => name)).toContain(`s${FAST + SLOW - 1}`);
    const rejected = (reason: string): number => ann.node.metrics.value('rejections', reason);
    expect(rejected('contact-gave-way') + rejected('too many ask at once')).toBe(FAST + SLOW - 99);
    expect(rejected('contact-gave-way')).toBeGreaterThan(SLOW - 100);
    // All of this is over when the node starts again.
    net.crash('ann');
    await net.restart('ann');
    expect(net.get('ann').node.contacts.list().length).toBe(contacts.length);
  }, 120_000);
});
