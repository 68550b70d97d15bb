import { createClock, createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity, KeyBook } from '../../../identity/index.ts';
import { JwsReader } from '../../../wire/jws.ts';
import { ClosedChannel } from './channel.ts';
import { EntryReader, type Role, signRole, signSettings } from './entry.ts';
import { type Epoch, MAX_EPOCH, makeEpoch } from './epochs.ts';
import { epochsFor } from './key-exchange.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
const keys = new KeyBook(deps.crypto);
const entries = new EntryReader(deps.crypto, new JwsReader(deps.crypto, keys));
const ID = '00000000-0000-8000-8000-000000000001';

let ann: Identity;
let ben: Identity;
let cat: Identity;
let ben2: Identity;
let time = 0;

beforeAll(async () => {
  const make = async (name: string) => (await createIdentity(deps, { name })).identity;
  // Of keys that were made at once that of the lowest key id counts.
  const made = [await make('ben'), await make('ann'), await make('cat'), await make('ben')];
  [ben2, ben, ann, cat] = made.sort((a, b) => (a.keyId < b.keyId ? -1 : 1)) as [Identity, Identity, Identity, Identity];
});

/** A role as anybody may sign it, each a second after the one before. */
async function role(by: Identity, member: Identity, to: Role | 'none', more: { successor?: true; at?: number } = {}): Promise<string> {
  const { at = ++time * 1000, ...rest } = more;
  const key = by === member && to !== 'none' ? { sealingKey: member.sealingKey } : {};
  return signRole(by, { channelId: ID, member: member.keyId, role: to, time: at, ...key, ...rest });
}

async function take(channel: ClosedChannel, ...signed: string[]): Promise<boolean> {
  const read = await Promise.all(signed.map((text) => entries.read(ID, text)));
  return channel.merge(read.flatMap((entry) => entry ?? []));
}

/** A key as any member may make it. */
function epochBy(identity: Identity, number: number, covers: readonly string[] = []): Promise<Epoch> {
  const about = { channelId: ID, number, key: deps.random.bytes(32), time: ++time * 1000, covers };
  return makeEpoch({ crypto: deps.crypto, identity }, about);
}

async function rekey(channel: ClosedChannel): Promise<string> {
  const epoch = await epochBy(ann, channel.highest + 1, channel.state.removals);
  channel.add(epoch, time * 1000);
  return epoch.kid;
}

/** A channel of Ann's with Ben in it, and the id of its key. */
async function begin(): Promise<{ channel: ClosedChannel; kid: string }> {
  const channel = new ClosedChannel({ crypto: deps.crypto, keys }, { id: ID, creator: ann.keyId, nonce: '' });
  const settings = await signSettings(ann, { channelId: ID, name: 'hideout', history: 'all', time: ++time * 1000 });
  await take(channel, settings, await role(ann, ann, 'owner'));
  await take(channel, await role(ann, ben, 'member'), await role(ben, ben, 'member'));
  return { channel, kid: await rekey(channel) };
}

const roles = (channel: ClosedChannel): string[] =>
  [...channel.state.members.values()]
    .map(({ key, role: name }) => `${[ann, ben, cat, ben2].findIndex(({ keyId }) => keyId === key)}:${name}`)
    .sort();

describe('who may be a member of whom nobody has told yet', () => {
  it('is whoever was never in the channel, or has not been heard to accept; no member', async () => {
    const { channel, kid } = await begin();
    expect(channel.mayBeNew(ben.nodeId, kid)).toBe(false);
    expect(channel.mayBeNew(cat.nodeId, kid)).toBe(true);
    await take(channel, await role(ann, cat, 'member'));
    expect(channel.mayBeNew(cat.nodeId, kid)).toBe(true);
    await take(channel, await role(cat, cat, 'member'));
    expect(channel.mayBeNew(cat.nodeId, kid)).toBe(false);
  });

  it('is one who was sent away only with a key that was made since', async () => {
    const { channel, kid } = await begin();
    await take(channel, await role(ann, ben, 'none'));
    expect(channel.mayBeNew(ben.nodeId, kid)).toBe(false);
    const next = await rekey(channel);
    expect(channel.mayBeNew(ben.nodeId, kid)).toBe(false);
    expect(channel.mayBeNew(ben.nodeId, next)).toBe(true);
    // Somebody else went: until there is a key for those who are left, nobody shows anything by the one there is.
    await take(channel, await role(ann, cat, 'member'), await role(cat, cat, 'member'), await role(ann, cat, 'none'));
    expect(channel.mayBeNew(ben.nodeId, next)).toBe(false);
  });
});

describe('an observer who was sent away', () => {
  it('has left, as a member has who wrote: nothing that it says with its old key is a reason to ask anybody', async () => {
    const { channel, kid } = await begin();
    await take(channel, await role(ann, cat, 'observer'), await role(cat, cat, 'observer'), await role(ann, cat, 'none'));
    expect([channel.hasLeft(cat.nodeId), channel.mayBeNew(cat.nodeId, kid)]).toEqual([true, false]);
  });
});

describe('the current key', () => {
  it('is one for those who are left, whatever the numbers of others are', async () => {
    const { channel } = await begin();
    await take(channel, await role(ann, cat, 'observer'), await role(cat, cat, 'observer'));
    channel.add(await epochBy(cat, MAX_EPOCH), 0);
    await take(channel, await role(ann, cat, 'none'));
    expect(channel.needsEpoch).toBe(true);
    channel.add(await epochBy(ben, 1, channel.state.removals), 0);
    expect([channel.needsEpoch, channel.lacksEpoch, channel.current?.by]).toEqual([false, false, ben.keyId]);
    // Over all numbers there is still one more.
    channel.add(await epochBy(cat, MAX_EPOCH, channel.state.removals), 0);
    await take(channel, await role(ann, ben, 'none'));
    channel.add(await epochBy(ann, Math.min(channel.highest + 1, MAX_EPOCH), channel.state.removals), 0);
    expect([channel.needsEpoch, channel.current?.by]).toEqual([false, ann.keyId]);
  });

  it('is one of which all is known while there is one, and another is given to nobody: it may be for those alone who were left without the asker', async () => {
    const { channel, kid } = await begin();
    await take(channel, await role(ann, cat, 'member'), await role(cat, cat, 'member'));
    const removal = await role(ann, cat, 'none');
    const next = await epochBy(ann, 2, [entries.digest(removal)]);
    channel.add(next, 0);
    expect([channel.current?.kid, epochsFor(channel, 0).map((epoch) => epoch.kid)]).toEqual([kid, [kid]]);
    await take(channel, removal);
    expect([channel.current?.kid, epochsFor(channel, 0).map((epoch) => epoch.kid)]).toEqual([next.kid, [next.kid, kid]]);
    // Who does not know of it yet goes on with what it has, and makes one of its own.
    await take(channel, await role(ann, ben, 'none'));
    channel.add(await epochBy(ann, 3, [...channel.state.removals, 'A'.repeat(16)]), 0);
    expect([channel.needsEpoch, channel.lacksEpoch, channel.current?.number]).toEqual([false, true, 3]);
    expect(epochsFor(channel, Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it('is the first of one maker, and of several makers that of the lowest, whatever the numbers are: also after a restart', async () => {
    const { channel, kid } = await begin();
    for (let number = 2; number < 9; number++) channel.add(await epochBy(ben, number), number);
    channel.add(await epochBy(ann, 100), 100);
    const again = ClosedChannel.restore({ crypto: deps.crypto, keys, entries }, channel.row());
    for (const { current } of [channel, again]) expect([current?.by, current?.number]).toEqual([ben.keyId, 2]);
    expect(again.epoch(kid)?.number).toBe(1);
  });

  it('is of somebody who was in the channel: nobody else takes one of whom that is true no more', async () => {
    const { channel, kid } = await begin();
    await take(channel, await role(ann, cat, 'observer'), await role(cat, cat, 'observer'));
    const full = time * 1000;
    time += 100;
    await take(channel, await role(cat, ben2, 'observer'), await role(ben2, ben2, 'observer'));
    channel.add(await epochBy(ben2, 9), 0);
    expect(channel.current?.by).toBe(ben2.keyId);
    // There is no place for it any more, by what is dated back, and nobody has gone.
    for (let i = 1; i <= 7; i++) {
      const { identity } = await createIdentity(deps, { name: `${i}` });
      await take(channel, await role(cat, identity, 'observer', { at: full + i }));
    }
    expect([channel.member(ben2.keyId), channel.state.removals, channel.current?.kid]).toEqual([undefined, [], kid]);
  });

  it('is not destroyed with those that were replaced, though it was replaced once', async () => {
    const { channel, kid } = await begin();
    channel.add(await epochBy(ben, 9), 1000);
    expect(channel.current?.number).toBe(9);
    await take(channel, await role(ben, ben, 'none'));
    const next = await epochBy(ann, 2, channel.state.removals);
    channel.add(next, 2000);
    channel.add(await epochBy(ben, 10), 3000);
    expect(channel.destroyReplaced(4000, 2500)).toBe(true);
    expect([channel.current?.kid, channel.epoch(kid)]).toEqual([next.kid, undefined]);
    expect(channel.destroyReplaced(1_000_000, 2500)).toBe(true);
    expect(channel.epochs().map((epoch) => epoch.kid)).toEqual([next.kid]);
  });

  it('and those before it are not pushed out by how many one member makes', async () => {
    const { channel, kid } = await begin();
    for (let number = 2; number < 100; number++) channel.add(await epochBy(ben, number), 0);
    expect(channel.epochs().length).toBe(64);
    expect(channel.epoch(kid)?.by).toBe(ann.keyId);
  });
});

describe('the entry by which somebody came in', () => {
  it('is the last that another has signed', async () => {
    const { channel } = await begin();
    expect(channel.invitationOf(ben.keyId)?.signer).toBe(ann.keyId);
    expect(channel.invitationOf(ann.keyId)).toBeUndefined();
    await take(channel, await role(ben, cat, 'member'));
    expect(channel.invitationOf(cat.keyId)?.signer).toBe(ben.keyId);
    await take(channel, await role(ann, cat, 'observer'));
    expect(channel.invitationOf(cat.keyId)?.signer).toBe(ann.keyId);
  });
});

describe('a next key', () => {
  it('takes the place and the role of the one that has signed it, and nobody keeps both', async () => {
    const { channel } = await begin();
    expect(await take(channel, await role(ben, ben2, 'member', { successor: true }))).toBe(true);
    expect(roles(channel)).toEqual(['0:owner', '3:member']);
    expect(channel.needsEpoch).toBe(true);
    // The old key has handed on what it had.
    expect(await take(channel, await role(ben, cat, 'member'))).toBe(false);
    expect(await take(channel, await role(ben, cat, 'member', { successor: true }))).toBe(false);
  });

  it('has no effect with another role, for a member, from a stranger, or for one who was sent away', async () => {
    const { channel } = await begin();
    await take(channel, await role(ann, cat, 'member'), await role(cat, cat, 'member'));
    const before = roles(channel);
    for (const signed of [
      await role(ben, ben2, 'owner', { successor: true }),
      await role(ben, cat, 'member', { successor: true }),
      await role(ben, ben, 'member', { successor: true }),
      await role(ben2, ben2, 'member', { successor: true }),
      await role(ben2, ann, 'owner', { successor: true }),
    ]) {
      expect(await take(channel, signed)).toBe(false);
    }
    expect(roles(channel)).toEqual(before);
    await take(channel, await role(ann, cat, 'none'));
    expect(await take(channel, await role(ben, cat, 'member', { successor: true }))).toBe(false);
    // Dated back, it is worth no more than what its signer was then.
    expect(await take(channel, await role(cat, ben2, 'member', { successor: true }))).toBe(false);
    expect(await take(channel, await role(ben, ben2, 'member', { successor: true, at: 1 }))).toBe(false);
    expect(roles(channel)).toEqual(['0:owner', '1:member']);
  });
});
