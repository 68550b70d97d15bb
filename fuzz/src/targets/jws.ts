import { base64url, createIdentity, type Identity, JwsReader, KeyBook, peekJws, signJws } from '@parley/core';
import { createClock, createCrypto } from '@parley/host';
import type { SeededRandom } from '@parley/sim';
import { mutate } from '../generate.ts';
import { must, readable, target } from '../target.ts';

const crypto = createCrypto();

/** Signed texts: none that was changed may be believed. */
export const jws = target('jws', async (random) => {
  const identities = await Promise.all(['ann', 'ben'].map((name) => identity(name, random)));
  const reader = new JwsReader(crypto, new KeyBook(crypto));
  const genuine: string[] = [];
  for (let i = 0; i < 20; i++)
    genuine.push(await signJws(random.pick(identities), { text: `text ${i}`, more: [i, { i }] }, i % 2 ? 'parley-fuzz' : undefined));
  // What may be believed: the texts that were signed.
  const signed = new Set(genuine.map((compact) => compact.slice(0, compact.lastIndexOf('.'))));
  let compact = '';
  return {
    async input(inner) {
      compact = inner.chance(0.1) ? inner.pick(genuine) : change(inner, genuine, identities);
      const read = await reader.verify(compact);
      must(read === undefined || signed.has(compact.slice(0, compact.lastIndexOf('.'))), 'a text that nobody signed was believed');
      must(read !== undefined || !genuine.includes(compact), 'a genuine text was refused');
      peekJws(compact);
    },
    last: () => readable(compact),
  };
});

async function identity(name: string, random: SeededRandom): Promise<Identity> {
  return (await createIdentity({ crypto, random: random.fork(name), clock: createClock() }, { name, seed: random.bytes(32) })).identity;
}

function change(random: SeededRandom, genuine: readonly string[], identities: readonly Identity[]): string {
  const parts = random.pick(genuine).split('.');
  const at = random.integer(3);
  const what = random.integer(6);
  if (what === 0) parts[at] = random.pick(genuine).split('.')[at] ?? '';
  else if (what === 1) parts.splice(at, random.integer(2), random.pick(['', 'e30', '!', '=']));
  else if (what === 2) {
    const header = { alg: random.pick(['EdDSA', 'none', 'HS256']), kid: random.pick(identities).keyId };
    parts[0] = base64url(new TextEncoder().encode(JSON.stringify(mutate(header, random)) ?? ''));
  } else if (what === 3)
    parts[1] = base64url(new TextEncoder().encode(JSON.stringify(mutate({ text: 'text 1', more: [1] }, random)) ?? ''));
  else if (what === 4) parts[2] = base64url(random.bytes(random.pick([0, 32, 63, 64, 65])));
  else {
    const text = parts.join('.');
    const place = random.integer(text.length);
    return text.slice(0, place) + random.pick(['A', 'b', '-', '_', '.', '=', '+', ' ', '', '\u0100']) + text.slice(place + 1);
  }
  return parts.join('.');
}
