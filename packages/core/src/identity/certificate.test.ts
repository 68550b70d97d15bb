import { createCrypto, createRandom } from '@parley/host';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate as AsnCertificate } from '@peculiar/asn1-x509';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64 } from '../util/base64.ts';
import { equalBytes, hex } from '../util/bytes.ts';
import { ParleyError } from '../util/errors.ts';
import { type Certificate, CertificateReader, certificatePublicKey, parseCertificate, proveSealingKey } from './certificate.ts';
import {
  authorityExtensions,
  authoritySubject,
  buildCertificate,
  type CertificateDraft,
  issuerKeyExtension,
  type NamedExtension,
  NO_EXPIRY,
  nodeExtensions,
  nodeSubject,
} from './certificate-builder.ts';
import { ed25519Spki, keyIdOf, nodeIdOf } from './ids.ts';
import { OID, type Oid } from './oids.ts';

const crypto = createCrypto();
const random = createRandom();
const key = crypto.signingKey(new Uint8Array(32).fill(1));
const other = crypto.signingKey(new Uint8Array(32).fill(2));
const nodeId = nodeIdOf(crypto, key.publicKey);
const sealingKey = crypto.agreementKey(new Uint8Array(32).fill(3)).publicKey;
const sealing = { key: sealingKey, proof: (await proveSealingKey(key, sealingKey)) as Uint8Array };
const START = Date.UTC(2026, 5, 1);

function draft(changes: Partial<CertificateDraft> = {}): CertificateDraft {
  return {
    issuer: nodeSubject('anna'),
    subject: nodeSubject('anna'),
    spki: ed25519Spki(key.publicKey),
    notBefore: START,
    notAfter: NO_EXPIRY,
    extensions: nodeExtensions(nodeId, sealing),
    ...changes,
  };
}

async function build(changes: Partial<CertificateDraft> = {}, signer = key): Promise<Uint8Array<ArrayBuffer>> {
  return await buildCertificate(random, draft(changes), { algorithm: 'ed25519', sign: (data) => signer.sign(data) });
}

/** What the parser says of it: `ok`, or the words of its bad-certificate. */
function verdict(der: Uint8Array): string {
  try {
    return parseCertificate(der, crypto) instanceof Promise ? 'later' : 'ok';
  } catch (error) {
    if (!(error instanceof ParleyError) || error.code !== 'bad-certificate') throw error;
    return error.message;
  }
}

/** A changed certificate that is still taken says no more than that somebody unknown issued it, and has the keys of the original. */
function expectHarmless(changed: Uint8Array, original: Uint8Array): void {
  if (equalBytes(changed, original)) return;
  const certificate = parseCertificate(changed, crypto) as Certificate;
  expect(certificate.selfSigned).toBe(false);
  expect(certificate.publicKey).toEqual(key.publicKey);
  expect([undefined, hex(sealingKey)]).toContain(certificate.sealingKey && hex(certificate.sealingKey));
}

const without = (...which: Oid[]): NamedExtension[] => nodeExtensions(nodeId, sealing).filter(({ oid }) => !which.includes(oid));

/** The node's extensions with the value of one replaced. */
const replaced = (which: Oid, value: Uint8Array): NamedExtension[] =>
  nodeExtensions(nodeId, sealing).map((extension) => (extension.oid === which ? { ...extension, value } : extension));

describe('parseCertificate', () => {
  it('reads a self-signed certificate', async () => {
    const der = await build();
    const certificate = (await parseCertificate(der, crypto)) as Certificate;
    expect(certificate).toMatchObject({
      publicKey: key.publicKey,
      keyId: keyIdOf(key.publicKey),
      nodeId,
      name: 'anna',
      issuerName: 'anna',
      sealingKey,
      selfSigned: true,
      notBefore: START,
      notAfter: NO_EXPIRY,
      signatureAlgorithm: 'ed25519',
    });
    expect(certificate.der).toEqual(der);
    expect(certificate.serial).toHaveLength(16);
    expect(hex(certificatePublicKey(der))).toBe(hex(key.publicKey));
  });

  it('keeps nothing of the buffer that it was given', async () => {
    const der = await build();
    const certificate = (await parseCertificate(der, crypto)) as Certificate;
    const before = [hex(certificate.der), hex(certificate.tbs), hex(certificate.publicKey), hex(certificate.sealingKey ?? key.publicKey)];
    der.fill(0);
    expect([hex(certificate.der), hex(certificate.tbs), hex(certificate.publicKey), hex(certificate.sealingKey ?? key.publicKey)]).toEqual(
      before,
    );
  });

  it('says what is wrong', async () => {
    const rogue = crypto.agreementKey(new Uint8Array(32).fill(4)).publicKey;
    const issued = { issuer: authoritySubject('ca') };
    const asks: [string, Promise<Uint8Array>, RegExp][] = [
      ['size', Promise.resolve(new Uint8Array(16 * 1024 + 1)), /larger than 16384/],
      ['another signature', build({}, other), /signature by its own key/],
      ['another node id', build({ extensions: nodeExtensions(nodeIdOf(crypto, other.publicKey)) }), /node id .* does not match/],
      [
        'an upper-case scheme that hides another id',
        build({ extensions: replaced(OID.subjectAltName, uri('URN:UUID:1')) }),
        /does not match/,
      ],
      ['another kind of key', build({ spki: withOid(0x6e) }), /not an Ed25519 key/],
      ['a name with a #', build({ issuer: nodeSubject('a#b'), subject: nodeSubject('a#b') }), /holds no #/],
      ['a name that reorders', build({ issuer: nodeSubject('a\u202eb'), subject: nodeSubject('a\u202eb') }), /control or invisible/],
      ['a forged proof', build({ ...issued, extensions: nodeExtensions(nodeId, { key: rogue, proof: sealing.proof }) }, other), /proof/],
      ['a short sealing key', build({ extensions: replaced(OID.sealingKey, Uint8Array.of(4, 1, 0)) }), /sealing key has not 32 bytes/],
      ['an unknown critical extension', build({ extensions: [...without(), unknown(true)] }), /critical extension/],
      ['an extension twice', build({ extensions: [...without(), ...without().slice(0, 1)] }), /twice/],
      ['a key that may not sign', build({ extensions: replaced(OID.keyUsage, Uint8Array.of(3, 2, 2, 4)) }), /does not let its key sign/],
      ['too many extensions', build({ extensions: Array.from({ length: 33 }, (_, i) => unknown(false, i)) }), /more than 32/],
    ];
    for (const [what, der, message] of asks) expect(verdict(await der), what).toMatch(message);
  });

  it('takes what others leave out, for a link alone', async () => {
    const read = async (extensions: NamedExtension[]): Promise<Certificate> =>
      (await parseCertificate(await build({ extensions }), crypto)) as Certificate;
    expect((await read(without(OID.sealingKey))).sealingKey).toBeUndefined();
    expect((await read(without(OID.subjectAltName))).sealingKey).toBeUndefined();
    expect((await read([...without(), unknown(false)])).sealingKey).toEqual(sealingKey);
    expect((await read([])).nodeId).toBe(nodeId);
  });

  it('believes an issued sealing key only with the proof of its holder', async () => {
    const issued = { issuer: authoritySubject('ca') };
    const read = async (extensions: NamedExtension[]): Promise<Certificate> =>
      (await parseCertificate(await build({ ...issued, extensions }, other), crypto)) as Certificate;
    expect(await read(without())).toMatchObject({ selfSigned: false, sealingKey });
    expect((await read(without(OID.sealingProof))).sealingKey).toBeUndefined();
  });

  it('finds every change of a byte, but for one that gives it another issuer', async () => {
    const der = await build();
    let reissued = 0;
    for (let at = 0; at < der.length; at++) {
      const changed = der.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      if (verdict(changed) !== 'ok') continue;
      reissued++;
      expectHarmless(changed, der);
    }
    const { issuer, subject } = (await parseCertificate(der, crypto)) as Certificate;
    expect(reissued).toBeLessThanOrEqual(issuer.length + subject.length);
  });

  it('finds every cut and every addition', async () => {
    const der = await build();
    for (let length = 0; length < der.length; length += 3) expect(verdict(der.subarray(0, length))).not.toBe('ok');
    expect(verdict(Uint8Array.of(...der, 0))).not.toBe('ok');
  });

  it('throws nothing but bad-certificate, whatever it is given', async () => {
    const der = await build();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (input) => {
        expect(verdict(input)).not.toBe('ok');
      }),
      { numRuns: 500 },
    );
    const edit = fc.record({ at: fc.nat(der.length - 1), remove: fc.nat(8), insert: fc.uint8Array({ maxLength: 8 }) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        let input: number[] = [...der];
        for (const { at, remove, insert } of edits) input = [...input.slice(0, at), ...insert, ...input.slice(at + remove)];
        if (verdict(Uint8Array.from(input)) === 'ok') expectHarmless(Uint8Array.from(input), der);
      }),
      { numRuns: 1500 },
    );
  });

  it('agrees with the schema library about every field', async () => {
    const der = await build();
    const ours = (await parseCertificate(der, crypto)) as Certificate;
    const theirs = AsnConvert.parse(der, AsnCertificate);
    const same = (buffer: ArrayBuffer, view: Uint8Array): void => expect(hex(new Uint8Array(buffer))).toBe(hex(view));
    same(theirs.tbsCertificate.serialNumber, ours.serial);
    same(AsnConvert.serialize(theirs.tbsCertificate.issuer), ours.issuer);
    same(AsnConvert.serialize(theirs.tbsCertificate.subjectPublicKeyInfo), ours.spki);
    same(theirs.signatureValue, ours.signature);
    expect(theirs.tbsCertificate.validity.notBefore.getTime().getTime()).toBe(ours.notBefore);
    expect(theirs.tbsCertificate.validity.notAfter.getTime().getTime()).toBe(ours.notAfter);
  });
});

describe('certificatePublicKey', () => {
  it('refuses what has no Ed25519 key', async () => {
    const bad = expect.objectContaining({ code: 'bad-certificate' });
    const x25519 = await build({ spki: withOid(0x6e) });
    expect(() => certificatePublicKey(x25519)).toThrow(bad);
    expect(() => certificatePublicKey(new Uint8Array(16 * 1024 + 1))).toThrow(bad);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (input) => {
        expect(() => certificatePublicKey(input)).toThrow(bad);
      }),
    );
  });
});

describe('CertificateReader', () => {
  it('verifies a certificate once, and remembers no bad one', async () => {
    let verified = 0;
    const counting = {
      ...crypto,
      verify: (...given: Parameters<typeof crypto.verify>) => {
        verified++;
        return crypto.verify(...given);
      },
    };
    const reader = new CertificateReader(counting, 2);
    const der = await build();
    expect(await reader.parse(der)).toBe(await reader.parse(der.slice()));
    expect(verified).toBe(1);
    const forged = await build({}, other);
    for (const time of [2, 3]) {
      expect(() => reader.parse(forged)).toThrow(ParleyError);
      expect(verified).toBe(time);
    }
    expect(() => reader.parse(new Uint8Array(20_000))).toThrow(/larger/);
  });

  it('works with a platform that verifies asynchronously', async () => {
    const slow = { ...crypto, verify: async (...given: Parameters<typeof crypto.verify>) => crypto.verify(...given) };
    const reader = new CertificateReader(slow);
    const der = await build();
    expect((await reader.parse(der)).nodeId).toBe(nodeId);
    await expect(reader.parse(await build({}, other))).rejects.toMatchObject({ code: 'bad-certificate' });
  });
});

describe('buildCertificate', () => {
  it('gives every certificate a positive serial number of its own', async () => {
    const serials = new Set<string>();
    for (let i = 0; i < 20; i++) serials.add(base64(((await parseCertificate(await build(), crypto)) as Certificate).serial));
    expect(serials.size).toBe(20);
  });

  it('writes what the schema library writes, byte by byte', async () => {
    const keyIdentifier = new Uint8Array(20).fill(9);
    const drafts: Partial<CertificateDraft>[] = [
      { extensions: [] },
      { issuer: authoritySubject('ca'), extensions: [...nodeExtensions(nodeId), issuerKeyExtension(keyIdentifier)] },
      { subject: nodeSubject('Zoë ☂ '.repeat(30)), extensions: authorityExtensions(keyIdentifier) },
      { notBefore: Date.UTC(2049, 11, 31, 23, 59, 59, 999), notAfter: Date.UTC(2050, 0, 1) },
      { notBefore: 0, notAfter: NO_EXPIRY + 1e9 },
    ];
    for (const changes of drafts) {
      for (const algorithm of ['ed25519', 'rsa-sha256'] as const) {
        // Without our own extensions: the library reads their object identifiers, and writes others.
        const ours = await buildCertificate(random, draft({ extensions: nodeExtensions(nodeId), ...changes }), {
          algorithm,
          sign: () => new Uint8Array(384).fill(5),
        });
        const theirs = AsnConvert.parse(ours, AsnCertificate);
        expect(hex(new Uint8Array(AsnConvert.serialize(theirs)))).toBe(hex(ours));
      }
    }
  });
});

function uri(text: string): Uint8Array {
  return Uint8Array.of(0x30, text.length + 2, 0x86, text.length, ...new TextEncoder().encode(text));
}

function withOid(last: number): Uint8Array {
  const spki = ed25519Spki(key.publicKey);
  spki[8] = last;
  return spki;
}

function unknown(critical: boolean, number = 0): NamedExtension {
  // 1.3.6.1.4.1.99999 and a number.
  const oid = { dotted: '', hex: `2b06010401868d1f${hex(Uint8Array.of(number))}` };
  return { oid, critical, value: Uint8Array.of(0x30, 0) };
}
