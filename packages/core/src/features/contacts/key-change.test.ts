import { createClock, createCrypto, createRandom } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { createIdentity, KeyBook } from '../../identity/index.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import { JwsReader, signJws } from '../../wire/jws.ts';
import { readKeyChange, signKeyChange } from './key-change.ts';

const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
const identity = async (name: string) => (await createIdentity(deps, { name })).identity;
const reader = new JwsReader(deps.crypto, new KeyBook(deps.crypto));
const NOW = Date.UTC(2026, 0, 1);
const encoded = (jws: string): string => base64(utf8(jws));

describe('the statement of a new key', () => {
  it('tells both keys, once both have signed', async () => {
    const [old, next] = [await identity('ann'), await identity('ann')];
    const read = await readKeyChange(reader, await signKeyChange(old, next, NOW));
    expect(read).toEqual({ from: old.keyId, to: next.keyId, nodeId: next.nodeId, time: NOW });
  });

  it('is refused without the signature of either, or with that of a third', async () => {
    const [old, next, eve] = [await identity('ann'), await identity('ann'), await identity('eve')];
    const time = new Date(NOW).toISOString();
    const proof = await signJws(next, { old: old.keyId, time }, 'parley-new-key-proof');
    const read = async (jws: string) => readKeyChange(reader, encoded(jws));
    expect(await read(await signJws(old, { new: next.keyId, time, proof }, 'parley-new-key'))).toBeDefined();
    // Eve takes over a key that has not agreed, is named by nobody, or puts what was signed for one time to another.
    expect(await read(await signJws(eve, { new: next.keyId, time, proof }, 'parley-new-key'))).toBeUndefined();
    expect(await read(await signJws(old, { new: eve.keyId, time, proof }, 'parley-new-key'))).toBeUndefined();
    const later = new Date(NOW + 1).toISOString();
    expect(await read(await signJws(old, { new: next.keyId, time: later, proof }, 'parley-new-key'))).toBeUndefined();
    // Signed for something else.
    expect(await read(await signJws(old, { new: next.keyId, time, proof }))).toBeUndefined();
    const loose = await signJws(next, { old: old.keyId, time });
    expect(await read(await signJws(old, { new: next.keyId, time, proof: loose }, 'parley-new-key'))).toBeUndefined();
    const itself = await signJws(old, { old: old.keyId, time }, 'parley-new-key-proof');
    expect(await read(await signJws(old, { new: old.keyId, time, proof: itself }, 'parley-new-key'))).toBeUndefined();
  });

  it('is refused when a character was changed', async () => {
    const statement = await signKeyChange(await identity('ann'), await identity('ann'), NOW);
    const bytes = fromBase64(statement) as Uint8Array;
    for (let at = 0; at < bytes.length; at += 97) {
      const changed = new Uint8Array(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      expect(await readKeyChange(reader, base64(changed))).toBeUndefined();
    }
    expect(await readKeyChange(reader, '')).toBeUndefined();
    expect(await readKeyChange(reader, base64(Uint8Array.of(0xff)))).toBeUndefined();
  });
});
