import { CONTACT, CONTACT_ANSWER, contactLink, createIdentity, NEW_KEY, signKeyChange } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { around, befriend, contactOf, newsAt } from './lib/friends.ts';
import { Network } from './lib/network.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason) ?? 0;

describe('contacts', () => {
  it('come about by a link, a request and an answer, and are there after a crash', async () => {
    const net = new Network({ seed: 'contacts' });
    await around(net, ['ann', 'ben']);
    const [ann, ben] = [net.get('ann'), net.get('ben')];
    const told = { ann: newsAt(ann), ben: newsAt(ben) };
    await net.world.until(ann.node.contacts.add(ben.node.contacts.link, { note: 'It is me, from the garden', alias: 'Benny' }));
    expect(contactOf(net, 'ann', 'ben')).toMatchObject({ state: 'requested', name: 'ben', alias: 'Benny' });
    await net.world.runUntil(() => contactOf(net, 'ben', 'ann') !== undefined, { limitMs: MINUTE });
    expect(contactOf(net, 'ben', 'ann')).toMatchObject({
      state: 'incoming',
      name: 'ann',
      note: 'It is me, from the garden',
      verified: false,
    });
    expect(ben.node.contacts.isContact(ann.identity.nodeId)).toBe(false);
    await net.world.until(ben.node.contacts.accept('ann'));
    await net.world.runUntil(() => ann.node.contacts.isContact(ben.identity.keyId), { limitMs: MINUTE });
    expect(told.ann).toEqual(['requested Benny', 'accepted Benny']);
    expect(told.ben).toEqual(['incoming ann', 'accepted ann']);
    net.crash('ann');
    net.crash('ben');
    await net.restart('ann');
    await net.restart('ben');
    expect(net.get('ann').node.contacts.find('@Benny')).toMatchObject({ state: 'accepted' });
    expect(net.get('ben').node.contacts.find('ann')).toMatchObject({ state: 'accepted' });
    expect(net.errors()).toEqual([]);
  });

  it('that are removed leave the conversation readable, by the name that they had', async () => {
    const net = new Network({ seed: 'removed contact' });
    await around(net, ['ann', 'ben']);
    await befriend(net, 'ann', 'ben');
    const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
    await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE });
    await net.send('ben', '@ann', 'beans');
    await net.world.runUntil(() => net.texts('ann').includes('beans'), { limitMs: MINUTE });
    await net.world.until(net.get('ann').node.contacts.remove('ben'));
    await net.world.advance(5000);
    net.crash('ann');
    await net.restart('ann');
    expect(net.get('ann').node.channels.find('@ben')).toMatchObject({ id, kind: 'direct', joined: false, ended: { removed: false } });
    expect(await net.history('ann', '@ben')).toEqual(['beans']);
    await expect(net.send('ann', id, 'still there?')).rejects.toMatchObject({ code: 'not-member' });
    await net.world.until(net.get('ann').node.contacts.add(net.get('ben').node.contacts.link));
    await net.world.runUntil(() => net.get('ann').node.channels.isJoined(id), { limitMs: MINUTE });
    expect(net.get('ann').node.channels.find('@ben').ended).toBeUndefined();
    expect(await net.history('ann', '@ben')).toEqual(['beans']);
  });

  it('are asked for while they are away, and answer when they come', async () => {
    const net = new Network({ seed: 'away' });
    await around(net, ['ann', 'ben']);
    const link = net.get('ben').node.contacts.link;
    net.crash('ben');
    await net.world.advance(2 * MINUTE);
    await net.world.until(net.get('ann').node.contacts.add(link));
    await net.world.advance(60 * MINUTE);
    await net.restart('ben');
    await net.world.runUntil(() => contactOf(net, 'ben', 'ann')?.state === 'incoming', { limitMs: 30 * MINUTE, what: 'the request' });
    net.crash('ann');
    await net.world.advance(2 * MINUTE);
    await net.world.until(net.get('ben').node.contacts.accept('ann'));
    await net.world.advance(60 * MINUTE);
    await net.restart('ann');
    await net.world.runUntil(() => contactOf(net, 'ann', 'ben')?.state === 'accepted', { limitMs: 30 * MINUTE, what: 'the answer' });
  });

  it('learn when they were declined, and may ask again later', async () => {
    const net = new Network({ seed: 'declined' });
    await around(net, ['ann', 'ben']);
    const [ann, ben] = [net.get('ann').node.contacts, net.get('ben').node.contacts];
    await net.world.until(ann.add(ben.link));
    await net.world.runUntil(() => ben.list().length === 1, { limitMs: MINUTE });
    await net.world.until(ben.decline('ann'));
    expect(ben.list()).toEqual([]);
    await net.world.runUntil(() => contactOf(net, 'ann', 'ben')?.declined === true, { limitMs: MINUTE });
    await net.world.advance(15 * MINUTE);
    await net.world.until(ann.add(ben.link, { note: 'please' }));
    await net.world.runUntil(() => contactOf(net, 'ben', 'ann')?.note === 'please', { limitMs: 30 * MINUTE });
  });

  it('are made when both ask at once', async () => {
    const net = new Network({ seed: 'both' });
    await around(net, ['ann', 'ben']);
    const [ann, ben] = [net.get('ann').node.contacts, net.get('ben').node.contacts];
    await net.world.until(Promise.all([ann.add(ben.link), ben.add(ann.link)]));
    await net.world.runUntil(() => ann.isContact(net.idOf('ben')) && ben.isContact(net.idOf('ann')), { limitMs: MINUTE });
  });

  it('are verified by the number that both see, and by no other', async () => {
    const net = new Network({ seed: 'number' });
    await around(net, ['ann', 'ben']);
    await befriend(net, 'ann', 'ben');
    const [ann, ben] = [net.get('ann').node.contacts, net.get('ben').node.contacts];
    const number = ann.safetyNumber('ben');
    expect(ben.safetyNumber('ann')).toBe(number);
    const wrong = number.replace(/\d/, (digit) => String((Number(digit) + 1) % 10));
    await expect(net.world.until(ann.verify('ben', wrong))).rejects.toMatchObject({ code: 'bad-argument' });
    expect(contactOf(net, 'ann', 'ben')?.verified).toBe(false);
    await net.world.until(ann.verify('ben', ` ${number.replaceAll(' ', '')}\n`));
    expect(contactOf(net, 'ann', 'ben')?.verified).toBe(true);
    expect(contactOf(net, 'ben', 'ann')?.verified).toBe(false);
    expect((await net.world.until(ann.verify('ben', false))).verified).toBe(false);
  });

  it('who are blocked are not heard, and not told', async () => {
    const net = new Network({ seed: 'blocked' });
    await around(net, ['ann', 'eve']);
    const [ann, eve] = [net.get('ann').node.contacts, net.get('eve').node.contacts];
    await net.world.until(ann.block(net.get('eve').identity.keyId));
    await net.world.until(eve.add(ann.link));
    await net.world.advance(5 * MINUTE);
    expect(rejected(net, 'ann', 'contact-blocked')).toBeGreaterThan(0);
    expect(contactOf(net, 'ann', 'eve')).toMatchObject({ state: 'incoming', blocked: true });
    expect(contactOf(net, 'eve', 'ann')).toMatchObject({ state: 'requested' });
    await expect(net.world.until(ann.add(eve.link))).rejects.toMatchObject({ code: 'conflict' });
    await net.world.until(ann.unblock(net.get('eve').identity.keyId));
    await net.world.until(ann.add(eve.link));
    await net.world.runUntil(() => eve.isContact(net.idOf('ann')), { limitMs: 30 * MINUTE });
  });

  it('cannot be added by an answer that nobody asked for', async () => {
    const net = new Network({ seed: 'unasked' });
    await around(net, ['ann', 'eve']);
    const { overlay } = net.get('eve').node;
    const target = net.get('ann').identity;
    const asked = new Date(net.world.clock.now()).toISOString();
    await net.world.until(overlay.sealed.send(CONTACT_ANSWER, { answer: 'accepted', asked }, { target }));
    await net.world.advance(MINUTE);
    expect(net.get('ann').node.contacts.list()).toEqual([]);
    expect(rejected(net, 'ann', 'contact-unasked')).toBe(1);
  });

  it('do not come back by what they wrote before they were removed', async () => {
    const net = new Network({ seed: 'removed' });
    await around(net, ['ann', 'ben']);
    await befriend(net, 'ann', 'ben');
    const [ann, ben] = [net.get('ann').node, net.get('ben').node];
    await net.world.until(ben.contacts.remove('ann'));
    expect(ben.contacts.list()).toEqual([]);
    net.crash('ben');
    await net.restart('ben');
    await net.world.runUntil(() => net.reaches('ann', 'ben'));
    // The same request once more, under another id, as though it had been kept back: its time is older than the decision.
    net.get('ann').ports.clock.jump(-5 * MINUTE);
    await net.world.until(ann.overlay.sealed.send(CONTACT, { name: 'ann' }, { target: net.get('ben').identity }));
    await net.world.advance(MINUTE);
    expect(net.get('ben').node.contacts.list()).toEqual([]);
    expect(rejected(net, 'ben', 'contact-replayed')).toBe(1);
  });
});

describe('a new key of a contact', () => {
  async function begin(seed: string) {
    const net = new Network({ seed });
    await around(net, ['ann', 'ben', 'eve']);
    await befriend(net, 'ann', 'ben');
    const ann = net.get('ann').node.contacts;
    await net.world.until(ann.verify('ben', ann.safetyNumber('ben')));
    const deps = { crypto: net.world.crypto, random: net.world.random.fork('next'), clock: net.world.clock.view() };
    const next = (await net.world.until(createIdentity(deps, { name: 'ben' }))).identity;
    return { net, ann, next };
  }

  it('is shown, counts when the user believes it, and is not verified', async () => {
    const { net, ann, next } = await begin('rotation');
    const told = newsAt(net.get('ann'));
    const { contacts } = net.get('ben').node;
    await net.world.until(contacts.rotation.begin(next, contacts.pick(['ann']), []));
    await net.world.runUntil(() => told.includes('key-change ben'), { limitMs: MINUTE });
    expect(ann.find('ben')).toMatchObject({ keyId: net.get('ben').identity.keyId, verified: true, change: { keyId: next.keyId } });
    net.crash('ann');
    await net.restart('ann');
    const later = net.get('ann').node.contacts;
    await net.world.until(later.decideKey('ben', true));
    expect(later.find('ben')).toMatchObject({ keyId: next.keyId, verified: false, before: { keyId: net.get('ben').identity.keyId } });
    // The old key is nobody's any more.
    expect(later.isContact(net.idOf('ben'))).toBe(false);
  });

  it('is refused when it is forged, said again, or too old', async () => {
    const { net, ann, next } = await begin('forged');
    const say = async (host: string, statement: string): Promise<void> => {
      await net.world.until(net.get(host).node.overlay.sealed.send(NEW_KEY, { statement }, { target: net.get('ann').identity }));
      await net.world.advance(MINUTE);
    };
    const now = (): number => net.world.clock.now();
    const [ben, eve] = [net.get('ben').identity, net.get('eve').identity];
    // Eve names herself; then she brings what she has heard of; then Ben's statement comes days later, and once more.
    await say('eve', await net.world.until(signKeyChange(eve, next, now())));
    expect(rejected(net, 'ann', 'new-key-unknown')).toBe(1);
    const statement = await net.world.until(signKeyChange(ben, next, now()));
    await say('eve', statement);
    expect(rejected(net, 'ann', 'new-key-forged')).toBe(1);
    await say('ben', await net.world.until(signKeyChange(ben, next, now() - 9 * DAY)));
    expect(rejected(net, 'ann', 'new-key-stale')).toBe(1);
    expect(ann.find('ben')).not.toHaveProperty('change');
    await say('ben', statement);
    await net.world.until(ann.decideKey('ben', false));
    await say('ben', statement);
    expect(rejected(net, 'ann', 'new-key-replayed')).toBe(1);
    expect(ann.find('ben')).toMatchObject({ keyId: ben.keyId, verified: true });
    expect(ann.find('ben')).not.toHaveProperty('change');
    expect(contactLink({ keyId: ben.keyId })).toBe(`parley:contact/${ben.keyId}`);
  });
});

it('a contact who calls themselves otherwise is called so when they are back', async () => {
  const net = new Network({ seed: 'contacts renamed' });
  await around(net, ['ann', 'ben']);
  await befriend(net, 'ann', 'ben');
  await net.world.runUntil(() => contactOf(net, 'ann', 'ben')?.name === 'ben', { limitMs: MINUTE });
  await net.world.advance(11 * MINUTE);
  const { world } = net;
  const seed = world.crypto.sha256(new TextEncoder().encode(`${world.seed} ben`));
  const deps = { crypto: world.crypto, random: world.random.fork('renamed'), clock: world.clock.view() };
  const { identity } = await createIdentity(deps, { name: 'Benjamin', seed });
  await net.stop('ben');
  net.become('ben', identity);
  await world.runUntil(() => !net.reaches('ann', 'ben'), { limitMs: MINUTE });
  await net.restart('ben');
  await world.runUntil(() => contactOf(net, 'ann', 'ben')?.name === 'Benjamin', { limitMs: MINUTE, what: 'the new name' });
});
