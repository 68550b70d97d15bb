import {
  type AuthorityCertificate,
  buildAuthority,
  certificatePublicKey,
  checkIssued,
  createIdentity,
  ed25519Spki,
  errorCode,
  issueCertificate,
  parseAuthority,
  parseCertificate,
  parseRequest,
  subjectOf,
} from '@parley/core';
import { createClock, createCrypto } from '@parley/host';
import type { SeededRandom } from '@parley/sim';
import { mutateBytes } from '../generate.ts';
import { must, readable, target } from '../target.ts';

const crypto = createCrypto();
const DATES = { notBefore: 0, notAfter: 4_000_000_000_000 };
const NOW = 1_800_000_000_000;

interface Genuine {
  readonly der: Uint8Array;
  /** What its signature covers, in hexadecimal. */
  readonly tbs: string;
}

/** Certificates of nodes and authorities, and requests: none that was changed may be believed. */
export const certificate = target('certificate', async (random) => {
  const { genuine, authority } = await make(random);
  const covered = new Set(genuine.map(({ tbs }) => tbs));
  let der: Uint8Array = new Uint8Array(0);
  return {
    async input(inner) {
      der = inner.chance(0.05) ? inner.pick(genuine).der : change(inner, inner.pick(genuine).der, genuine);
      await quietly(() => certificatePublicKey(der));
      await quietly(() => parseRequest(der, crypto));
      await quietly(() => parseAuthority(der, crypto));
      const read = await quietly(() => parseCertificate(der, crypto));
      if (!read) return;
      const known = covered.has(Buffer.from(read.tbs).toString('hex'));
      must(known || !read.selfSigned, 'a self-signed certificate that nobody signed was believed');
      const issued = await quietly(() => checkIssued(crypto, read, [authority], NOW));
      must(known || !issued, 'a certificate that no authority signed was believed');
    },
    last: () => readable(der),
  };
});

/** Undefined for what is refused. Throws when it fails in any other way. */
async function quietly<T>(run: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (errorCode(error) !== 'bad-certificate') throw error;
    return undefined;
  }
}

async function make(random: SeededRandom): Promise<{ genuine: Genuine[]; authority: AuthorityCertificate }> {
  const key = await crypto.signingKey(random.bytes(32));
  const signer = { algorithm: 'ed25519' as const, sign: (data: Uint8Array) => key.sign(data) };
  const authority = await parseAuthority(
    await buildAuthority({ crypto, random }, 'authority', ed25519Spki(key.publicKey), DATES, signer),
    crypto,
  );
  const genuine: Genuine[] = [{ der: authority.der, tbs: Buffer.from(authority.tbs).toString('hex') }];
  for (const name of ['ann', 'ben', 'an node with a longer name']) {
    const { identity } = await createIdentity({ crypto, random, clock: createClock() }, { name, seed: random.bytes(32) });
    const own = await parseCertificate(identity.certificate, crypto);
    const issued = await issueCertificate({ crypto, random }, { ...signer, certificate: authority }, await subjectOf(crypto, own), DATES);
    for (const certificate of [own, issued]) genuine.push({ der: certificate.der, tbs: Buffer.from(certificate.tbs).toString('hex') });
  }
  return { genuine, authority };
}

function change(random: SeededRandom, der: Uint8Array, genuine: readonly Genuine[]): Uint8Array {
  const what = random.integer(4);
  if (what === 0) return mutateBytes(der, random);
  const copy = Buffer.from(der);
  if (what === 1) {
    // Tags, lengths and small numbers: what a reader of DER stumbles upon.
    for (let i = 1 + random.integer(3); i > 0; i--)
      copy[random.integer(copy.length)] = random.pick([
        0, 1, 2, 3, 4, 5, 6, 0x0c, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xa3, 0xff,
      ]);
    return copy;
  }
  const other = random.pick(genuine).der;
  const at = random.integer(Math.min(copy.length, other.length));
  if (what === 2) return Buffer.concat([copy.subarray(0, at), other.subarray(at)]);
  const length = random.integer(40);
  return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + length), copy.subarray(at)]);
}
