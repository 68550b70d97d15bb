import { createClock, createCrypto, createRandom } from '@parley/host';
import { beforeAll, describe, expect, it } from 'vitest';
import { createIdentity, type Identity } from '../../identity/index.ts';
import type { Group, Offer } from './groups.ts';
import { Groups } from './groups.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
const LIMITS = { keepSkipped: 50, maxSkipped: 100 };

interface Side {
  readonly identity: Identity;
  readonly groups: Groups;
}

async function side(name: string): Promise<Side> {
  const { identity } = await createIdentity(deps, { name });
  return { identity, groups: new Groups(deps, identity, LIMITS) };
}

let ann: Side;
let ben: Side;
let eve: Side;

beforeAll(async () => {
  [ann, ben, eve] = [await side('ann'), await side('ben'), await side('eve')];
});

/** A group of two, as both hold it. */
async function begin(from: Side, to: Side): Promise<[Group, Group, Offer]> {
  const offer = await to.groups.offer();
  const { group, welcome } = await from.groups.begin(to.identity.publicKey, offer.offered);
  return [group, await to.groups.join(from.identity.publicKey, offer, welcome), offer];
}

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

describe('a group of two', () => {
  it('carries content keys both ways, also after it was on disk', async () => {
    let [a, b] = await begin(ann, ben);
    expect(a.id).toBe(b.id);
    for (let i = 0; i < 3; i++) {
      const sent = await ann.groups.wrap(a, key(i));
      const got = await ben.groups.unwrap(b, sent.wrapped);
      expect(got.key).toEqual(key(i));
      a = ann.groups.decode(ben.identity.publicKey, a.id, ann.groups.encode(sent.group));
      b = ben.groups.decode(ann.identity.publicKey, b.id, ben.groups.encode(got.group));
      const back = await ben.groups.wrap(b, key(100 + i));
      b = back.group;
      const answer = await ann.groups.unwrap(a, back.wrapped);
      a = answer.group;
      expect(answer.key).toEqual(key(100 + i));
    }
  });

  it('opens what was overtaken, each once, within its bounds', async () => {
    let [a, b] = await begin(ann, ben);
    const wrapped: Uint8Array[] = [];
    for (let i = 0; i < 200; i++) {
      const sent = await ann.groups.wrap(a, key(i));
      a = sent.group;
      wrapped.push(sent.wrapped);
    }
    await expect(ben.groups.unwrap(b, wrapped[150] as Uint8Array)).rejects.toMatchObject({ code: 'bad-message' });
    for (const i of [20, 5, 19, 60, 21]) {
      const got = await ben.groups.unwrap(b, wrapped[i] as Uint8Array);
      b = got.group;
      expect(got.key).toEqual(key(i));
      await expect(ben.groups.unwrap(b, wrapped[i] as Uint8Array)).rejects.toMatchObject({ code: 'bad-message' });
    }
    // More than fifty were overtaken: the first of them are gone.
    await expect(ben.groups.unwrap(b, wrapped[0] as Uint8Array)).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('that was copied today opens nothing of yesterday, though it could then', async () => {
    let [a, b] = await begin(ann, ben);
    const recorded: Uint8Array[] = [];
    const earlier = ben.groups.encode(b);
    for (let i = 0; i < 5; i++) {
      const sent = await ann.groups.wrap(a, key(i));
      a = sent.group;
      recorded.push(sent.wrapped);
      b = (await ben.groups.unwrap(b, sent.wrapped)).group;
    }
    const stolen = ben.groups.decode(ann.identity.publicKey, b.id, ben.groups.encode(b));
    for (const wrapped of recorded) await expect(ben.groups.unwrap(stolen, wrapped)).rejects.toMatchObject({ code: 'bad-message' });
    // Nor does the sender's own copy.
    for (const wrapped of recorded) await expect(ann.groups.unwrap(a, wrapped)).rejects.toMatchObject({ code: 'bad-message' });
    const before = ben.groups.decode(ann.identity.publicKey, b.id, earlier);
    expect((await ben.groups.unwrap(before, recorded[0] as Uint8Array)).key).toEqual(key(0));
  });

  it('begins with nobody else', async () => {
    const offer = await ben.groups.offer();
    await expect(ann.groups.begin(eve.identity.publicKey, offer.offered)).rejects.toMatchObject({ code: 'bad-message' });
    const { welcome } = await eve.groups.begin(ben.identity.publicKey, offer.offered);
    await expect(ben.groups.join(ann.identity.publicKey, offer, welcome)).rejects.toMatchObject({ code: 'bad-message' });
    const other = await ben.groups.offer();
    await expect(ben.groups.join(eve.identity.publicKey, other, welcome)).rejects.toMatchObject({ code: 'bad-message' });
  });

  it('is left as it was by whatever does not belong to it', async () => {
    const [a, b] = await begin(ann, ben);
    const [, other] = await begin(ann, ben);
    const { wrapped } = await ann.groups.wrap(a, key(1));
    await expect(ben.groups.unwrap(other, wrapped)).rejects.toMatchObject({ code: 'bad-message' });
    for (let at = 0; at < wrapped.length; at += 7) {
      const changed = new Uint8Array(wrapped);
      changed[at] = (changed[at] as number) ^ 1;
      await expect(ben.groups.unwrap(b, changed)).rejects.toMatchObject({ code: 'bad-message' });
    }
    for (const bytes of [new Uint8Array(0), new Uint8Array(50), wrapped.slice(0, -1), (await ben.groups.offer()).offered]) {
      await expect(ben.groups.unwrap(b, bytes)).rejects.toMatchObject({ code: 'bad-message' });
    }
    expect((await ben.groups.unwrap(b, wrapped)).key).toEqual(key(1));
    // A content key has 32 bytes.
    const long = await ann.groups.wrap(a, new Uint8Array(33));
    await expect(ben.groups.unwrap(b, long.wrapped)).rejects.toMatchObject({ code: 'bad-message' });
  });
});
