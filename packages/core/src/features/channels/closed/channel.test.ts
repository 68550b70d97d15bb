import { createClock, createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity, KeyBook } from '../../../identity/index.ts';
import { JwsReader } from '../../../wire/jws.ts';
import { ClosedChannel } from './channel.ts';
import { EntryReader, type Role, signRole, signSettings } from './entry.ts';
import { makeEpoch } from './epochs.ts';

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
  [ann, ben, cat, ben2] = [await make('ann'), await make('ben'), await make('cat'), await make('ben')];
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

async function rekey(channel: ClosedChannel): Promise<string> {
  const about = { channelId: ID, number: (channel.current?.number ?? 0) + 1, key: deps.random.bytes(32), time: ++time * 1000 };
  const epoch = await makeEpoch({ crypto: deps.crypto, identity: ann }, { ...about, covers: channel.state.removals });
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
