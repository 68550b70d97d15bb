import { createDecipheriv, createHash, createHmac, scryptSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  answerBytes,
  CertificateReader,
  canonicalJson,
  checkAuth,
  compactParts,
  decodeAnnouncement,
  FrameDecoder,
  fromBase64,
  fromBase64url,
  fromHex,
  identityFromSecret,
  isAnswer,
  isGuid,
  JwsReader,
  KeyBook,
  Links,
  linkDefaults,
  type Message,
  Metrics,
  nameFault,
  openJwe,
  type Ports,
  parseCertificate,
  parseJson,
  parseTimestamp,
  publicKeyOf,
  readAnswer,
  readJwe,
  readQuestion,
  readRecord,
  receive,
  verbs,
} from '@parley/core';
import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { type vectors, vectorsDocument } from '../../scripts/docs/vectors.mjs';
import { verbsDocument } from '../../scripts/docs/verbs.mjs';
import { ScriptedConnection, scriptedPorts } from './scripted-connection.ts';

const PROTOCOL = join(import.meta.dirname, '../../docs/protocol');
const crypto = createCrypto();
const committed = JSON.parse(readFileSync(join(PROTOCOL, 'vectors.json'), 'utf8')) as Awaited<ReturnType<typeof vectors>>;
const bytes = (digits: string): Uint8Array => {
  const found = fromHex(digits);
  if (!found) throw new Error(`not hexadecimal: ${digits}`);
  return found;
};
const errorOf = (run: () => unknown): string => {
  try {
    run();
    return 'taken';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe('the documents that are generated', () => {
  it('are those that the code gives', async () => {
    expect(readFileSync(join(PROTOCOL, 'vectors.json'), 'utf8')).toBe(await vectorsDocument());
    expect(readFileSync(join(PROTOCOL, 'verbs.md'), 'utf8')).toBe(await verbsDocument());
  });

  it('name every verb', () => {
    const named = committed.auth.map(({ verb }) => verb);
    for (const { name, spec } of verbs.all()) expect(named.includes(name), name).toBe(spec.proof === 'auth');
  });
});

describe('the vectors, as this implementation reads them', () => {
  it('give certificates that prove their keys', async () => {
    for (const vector of committed.keys) {
      const certificate = await parseCertificate(fromBase64(vector.certificate_der) ?? new Uint8Array(), crypto);
      expect(certificate).toMatchObject({ nodeId: vector.node_id, keyId: vector.key_id, name: vector.name, selfSigned: true });
      expect(certificate.sealingKey).toEqual(bytes(vector.sealing_key));
    }
  });

  it('give messages that are taken and whose origin is proved', async () => {
    for (const vector of committed.auth) {
      const received = receive(vector.message, verbs, 'open', () => true);
      if (received.rejected !== undefined) throw new Error(`${vector.verb}: ${received.rejected} ${received.detail}`);
      const { verb, message } = received;
      const now = Date.parse(committed.time);
      expect(await checkAuth(crypto, new KeyBook(crypto), verb, message, now), vector.verb).toBeUndefined();
      const other: Message = { ...message, msg_data: { ...message.msg_data, added: true } };
      expect(await checkAuth(crypto, new KeyBook(crypto), verb, other, now), vector.verb).toBe('auth-signature');
      const late = now + 9 * 24 * 3_600_000;
      expect(await checkAuth(crypto, new KeyBook(crypto), verb, message, late), vector.verb).toBe('auth-stale');
    }
  });

  it('give signatures that are taken or refused strictly', () => {
    for (const { public_key, signs, sig, taken, why } of committed.signatures) {
      expect(crypto.verify(bytes(public_key), Buffer.from(signs), bytes(sig)), why).toBe(taken);
    }
  });

  it('give a JWS that its signer made', async () => {
    const { message } = committed;
    const read = await new JwsReader(crypto, new KeyBook(crypto)).verify(message.jws);
    expect(read).toMatchObject({ kid: committed.keys[0]?.key_id, typ: undefined, payload: JSON.parse(message.payload) });
    expect(Buffer.from(message.message, 'base64').toString()).toBe(message.jws);
  });

  it('give what was sealed, and open for those whom it is for', async () => {
    const { to_certificate: letter, with_key: message } = committed.sealed;
    const [ann, ben] = committed.keys;
    const about = { nodeId: ann?.node_id ?? '', msgId: committed.message.payload ? JSON.parse(committed.message.payload).msg_id : '' };
    const identity = await identityOf('ben', scriptedPorts(crypto, '', new ScriptedConnection(true, '')));
    const first = readJwe(compactParts(letter.sealed) ?? [], about);
    if (!first) throw new Error('the first was not read');
    expect(first).toMatchObject({ kid: ben?.key_id, toCertificate: true });
    expect(JSON.stringify(await openJwe(crypto, first, identity))).toBe(letter.content);
    const second = readJwe(compactParts(message.sealed) ?? [], { ...about, channelId: committed.channel_id.channel_id });
    if (!second) throw new Error('the second was not read');
    expect(second).toMatchObject({ kid: message.kid, toCertificate: false });
    expect(JSON.stringify(await openJwe(crypto, second, bytes(message.key)))).toBe(message.content);
    const { fleeting } = committed.sealed;
    const third = readJwe(compactParts(fleeting.sealed) ?? [], { ...about, channelId: committed.channel_id.channel_id });
    if (!third) throw new Error('the third was not read');
    expect(JSON.stringify(await openJwe(crypto, third, bytes(fleeting.key)))).toBe(fleeting.content);
    expect(verbs.get('TYPING')?.validate.check(JSON.parse(fleeting.content).msg_data)).toBe(true);
  });

  it('give the PROOF that a link says and takes', async () => {
    const [dial, listen] = committed.link_proof;
    if (!dial || !listen) throw new Error('there are two');
    for (const [own, other] of [
      [dial, listen],
      [listen, dial],
    ] as const) {
      const connection = new ScriptedConnection(own.role === 'dial', own.binding);
      const ports = scriptedPorts(crypto, own.nonce_from, connection);
      const identity = await identityOf(own.signer, ports);
      const keys = new KeyBook(crypto);
      const local = { identity, nodeType: 'client', relays: true, version: 'test' } as const;
      const certificates = new CertificateReader(crypto);
      const links = new Links({ ports, local, keys, verbs, metrics: new Metrics(), certificates, admit: () => undefined }, linkDefaults);
      const opened = own.role === 'dial' ? links.dial('scripted', 'there') : links.listen('scripted', 'here');
      await connection.attached;
      const peer = keys.resolve(other.from);
      connection.hear('HELLO', {
        node_id: peer?.nodeId ?? '',
        attributes: { node_type: 'client' },
        nonce: other.nonce_from,
        key: other.from,
      });
      await expect.poll(() => connection.said('PROOF')).toEqual({ sig: own.sig });
      expect(connection.said('HELLO')).toMatchObject({ nonce: own.nonce_from, key: own.from });
      connection.hear('PROOF', { sig: other.sig });
      await expect.poll(() => links.size).toBe(1);
      await opened;
      await links.shutdown();
    }
  });

  it('give a record, and packets whose proofs fit', async () => {
    const { record, session, packets } = committed.registry;
    const read = await readRecord({ crypto, keys: new KeyBook(crypto) }, bytes(record.record), Date.parse(committed.time));
    expect(read).toMatchObject({ nodeId: committed.keys[0]?.node_id, seq: 7, metadata: { city: 'Graz' } });
    const hub = committed.keys.find(({ name }) => name === 'hub')?.public_key ?? '';
    const asked: string[] = [];
    for (const { what, packet, ...proof } of packets as {
      what: string;
      packet: string;
      question_sha256?: string;
      sig?: string;
      mac?: string;
    }[]) {
      const raw = bytes(packet);
      if (!isAnswer(raw)) {
        expect(readQuestion(raw), what).toBeDefined();
        asked.push(Buffer.from(crypto.sha256(raw)).toString('hex'));
        continue;
      }
      const answer = readAnswer(raw);
      if (!answer) throw new Error(`not an answer: ${what}`);
      if (!answer.body) continue;
      expect(asked).toContain(proof.question_sha256);
      const question = bytes(proof.question_sha256 ?? '');
      if (proof.sig) expect(crypto.verify(bytes(hub), answerBytes(question, answer.covered), answer.proof), what).toBe(true);
      else {
        const hmac = createHmac('sha256', bytes(session.key)).update(question).update(answer.covered).digest('hex');
        expect(Buffer.from(answer.proof).toString('hex'), what).toBe(hmac.slice(0, 32));
      }
    }
    expect(asked.length).toBe(4);
  });

  it('give announcements on the local network', () => {
    for (const { what, packet, node_type, port, time, signs } of committed.lan.good) {
      const read = decodeAnnouncement(bytes(packet));
      expect(read, what).toMatchObject({ nodeType: node_type, port, time });
      expect(Buffer.from(read?.signed ?? []).toString(), what).toBe(signs);
      expect(read && crypto.verify(read.publicKey, read.signed, read.signature), what).toBe(true);
    }
    for (const { why, packet } of committed.lan.refused) {
      const read = decodeAnnouncement(bytes(packet));
      expect(read !== undefined && crypto.verify(read.publicKey, read.signed, read.signature), why).toBe(false);
    }
  });

  it('give messages that are addressed anew, with their origin still proved, and refuse what is no server', async () => {
    const { came, goes_on, refused } = committed.toward;
    for (const text of [came, ...goes_on.map(({ message }) => message)]) {
      const received = receive(text, verbs, 'open', () => true);
      if (received.rejected !== undefined) throw new Error(`${received.rejected} ${received.detail}`);
      expect(await checkAuth(crypto, new KeyBook(crypto), received.verb, received.message, Date.parse(committed.time))).toBeUndefined();
    }
    expect(goes_on.map(({ message }) => JSON.parse(message).toward)).toEqual(goes_on.map(({ toward }) => toward));
    for (const text of refused) expect(receive(text, verbs, 'open', () => true).rejected, text).toBeDefined();
  });

  it('give frames', () => {
    for (const vector of committed.frames) {
      const found: unknown[] = [];
      const handler = {
        message: (json: Uint8Array) => found.push(['message', Buffer.from(json).toString()]),
        data: (transfer: number, part: Uint8Array) => found.push(['data', transfer, Buffer.from(part).toString('hex')]),
        keepAlive: () => found.push(['keep-alive']),
      };
      new FrameDecoder({ handler }).push(bytes(vector.hex));
      expect(found).toEqual([[vector.what, ...[vector.json, vector.transfer, vector.payload].filter((part) => part !== undefined)]]);
    }
    const silent = { message() {}, data() {}, keepAlive() {} };
    for (const { hex, why } of committed.frames_refused) {
      expect(
        errorOf(() => new FrameDecoder({ handler: silent }).push(bytes(hex))),
        why,
      ).toMatch(/^(too-large|bad-frame)$/);
    }
  });

  it('give a backup, written as the document says and read by nothing of ours', async () => {
    const { passphrase, rows, file, identity } = committed.backup;
    const whole = Buffer.from(file, 'hex');
    const header = whole.subarray(0, whole.indexOf('\n') + 1);
    const { format, encrypted } = JSON.parse(header.toString()) as { format: string; encrypted: Record<string, string | number> };
    expect(format).toBe('parley/backup/1');
    const of = (name: string): Buffer => Buffer.from(String(encrypted[name]), 'base64');
    const open = (key: Buffer, nonce: Buffer, sealed: Buffer, aad: string): Buffer => {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad)).setAuthTag(sealed.subarray(-16));
      return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    };
    const { n, r, p, salt, nonce } = encrypted;
    const under = scryptSync(passphrase.normalize('NFKC'), of('salt'), 32, { N: Number(n), r: Number(r), p: Number(p) });
    const head = `parley/passphrase/1\nscrypt ${n} ${r} ${p} ${salt}\nA256GCM ${nonce}\n`;
    expect(createHash('sha256').update(head).update(of('ciphertext')).digest('base64')).toBe(encrypted.digest);
    const key = open(under, of('nonce'), of('ciphertext'), head);
    const digest = createHash('sha256').update(header).digest('hex');
    const place = Buffer.alloc(12);
    place.writeUInt32BE(1);
    const plain = open(key, place, whole.subarray(header.length), `parley/backup/1\n${digest}\n0\nlast\n`);
    const lines = plain.toString().split('\n');
    expect(lines.pop()).toBe('');
    const [first, ...rest] = lines.map((line) => JSON.parse(line) as unknown);
    const keyOf = committed.keys.find(({ name }) => name === identity);
    const secret = Buffer.from(`${keyOf?.seed}${keyOf?.sealing_secret}`, 'hex').toString('base64');
    expect(first).toMatchObject({ identity: { certificate: keyOf?.certificate_der, secret }, made: committed.backup.made, rows: 2 });
    const written = rows.map(({ table, key: name, text, hex: digits }) => {
      return [table, name, text ?? { bytes: Buffer.from(digits ?? '', 'hex').toString('base64') }];
    });
    expect(rest).toEqual([...written, { end: { rows: 2 } }]);
  });

  it('give JSON, numbers and names, good and bad', () => {
    for (const { hex, why } of committed.json_refused)
      expect(
        errorOf(() => parseJson(bytes(hex))),
        why,
      ).toBe('bad-json');
    for (const { json, canonical } of committed.jcs) expect(canonicalJson(parseJson(canonical))).toBe(canonicalJson(parseJson(json)));
    for (const { good, bad, read } of [
      { ...committed.timestamps, read: parseTimestamp },
      { ...committed.guids, read: (text: string) => isGuid(text) || undefined },
      { ...committed.names, read: (text: string) => (nameFault(text) === undefined ? text : undefined) },
      { good: committed.base64.good.map(({ text }) => text), bad: committed.base64.bad, read: fromBase64 },
      { good: committed.base64url.good.map(({ text }) => text), bad: committed.base64url.bad, read: fromBase64url },
    ]) {
      for (const text of good) expect(read(text), text).toBeDefined();
      for (const text of bad) expect(read(text), JSON.stringify(text)).toBeUndefined();
    }
    for (const { key_id, public_key } of [...committed.keys, ...committed.key_ids.good])
      expect(publicKeyOf(key_id)).toEqual(bytes(public_key));
    for (const text of committed.key_ids.bad) expect(publicKeyOf(text), text).toBeUndefined();
  });
});

async function identityOf(name: string, ports: Ports) {
  const vector = committed.keys.find((key) => key.name === name);
  if (!vector) throw new Error(`no key of ${name}`);
  const secret = bytes(vector.seed + vector.sealing_secret);
  return identityFromSecret(ports, { secret, certificate: fromBase64(vector.certificate_der) ?? new Uint8Array() });
}
