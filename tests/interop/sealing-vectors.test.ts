import { createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compactParts, fromBase64, fromHex, type JsonObject, loadGroups, openJwe, readJwe } from '@parley/core';
import { createCrypto, createRandom } from '@parley/host';
import { expect, it } from 'vitest';
import { cast } from '../../scripts/docs/cast.mjs';
import type { vectors } from '../../scripts/docs/vectors.mjs';

const path = join(import.meta.dirname, '../../docs/protocol/vectors.json');
const { files, direct, keys } = JSON.parse(readFileSync(path, 'utf8')) as Awaited<ReturnType<typeof vectors>>;
const crypto = createCrypto();
const hash = (...parts: (Uint8Array | string)[]): Buffer => {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part);
  return digest.digest();
};
const hexBytes = (digits: string): Buffer => Buffer.from(fromHex(digits) ?? []);
const base64Bytes = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array();

/** The documented sealing of a chunk, written a second time. */
function opened(key: string, size: number, level: number, index: number, sealed: Buffer): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32BE(level);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  const decipher = createDecipheriv('aes-256-gcm', hexBytes(key), nonce);
  decipher.setAAD(Buffer.from(`parley/file/1\n${level}\n${index}\n${size}`)).setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

it('the vectors of files are what the document says: chunks, their addresses, lists of them, the root', () => {
  expect(files.map(({ chunks }) => chunks.length)).toEqual([1, 2]);
  for (const { size, sha256, key, chunks, list, root } of files) {
    const content = Buffer.from(Array.from({ length: size }, (_, i) => i % 251));
    expect(hash(content).toString('hex')).toBe(sha256);
    for (const chunk of chunks) {
      if (!('sealed' in chunk) || chunk.sealed === undefined) continue;
      const sealed = hexBytes(chunk.sealed);
      expect(opened(key, size, 0, chunk.index, sealed)).toEqual(content.subarray(chunk.index * 262_144, (chunk.index + 1) * 262_144));
      expect(hash(sealed).toString('hex')).toBe(chunk.address);
      // Another place, or another size, is another chunk.
      expect(() => opened(key, size, 0, chunk.index + 1, sealed)).toThrow();
      expect(() => opened(key, size + 1, 0, chunk.index, sealed)).toThrow();
    }
    expect(list.plaintext).toBe(chunks.map(({ address }) => address).join(''));
    expect(opened(key, size, 1, 0, hexBytes(list.sealed)).toString('hex')).toBe(list.plaintext);
    expect(hash(hexBytes(list.sealed)).toString('hex')).toBe(root);
  }
});

it('the vectors of a direct session give its keys to whom it is with, through MLS, and to nobody else', async () => {
  const { ann, ben, hub } = await cast();
  const { Groups } = await loadGroups();
  const ports = { crypto, random: createRandom() };
  const limits = { keepSkipped: 10, maxSkipped: 100 };
  const { session, conversation, content_key, to_one: one, to_several: several } = direct;
  const secret = Buffer.concat([hexBytes(session.init_secret), hexBytes(session.leaf_secret)]);
  const offer = { offered: base64Bytes(session.key_package), secret: new Uint8Array(secret) };
  const groups = new Groups(ports, ben.identity, limits);
  const group = await groups.join(ann.identity.publicKey, offer, base64Bytes(session.welcome));
  expect(group.id).toBe(session.session);
  const { key, group: next } = await groups.unwrap(group, new Uint8Array(hexBytes(one.wrapped)));
  expect(Buffer.from(key).toString('hex')).toBe(content_key);
  const [his, hubs] = several.parts;
  expect([his?.node_id, hubs?.node_id]).toEqual([ben.nodeId, hub.nodeId]);
  expect(Buffer.from((await groups.unwrap(next, new Uint8Array(hexBytes(his?.wrapped ?? '')))).key).toString('hex')).toBe(content_key);
  // Once only; not by whom it is not for; and nobody else takes what was offered to another.
  await expect(groups.unwrap(next, new Uint8Array(hexBytes(one.wrapped)))).rejects.toMatchObject({ code: 'bad-message' });
  await expect(groups.unwrap(next, new Uint8Array(hexBytes(hubs?.wrapped ?? '')))).rejects.toMatchObject({ code: 'bad-message' });
  const stranger = new Groups(ports, hub.identity, limits);
  await expect(stranger.join(ann.identity.publicKey, offer, base64Bytes(session.welcome))).rejects.toMatchObject({ code: 'bad-message' });

  const pair = [keys[0], keys[1]].map((each) => each?.key_id ?? '').sort();
  expect(conversation.hashes).toBe(`parley/direct/1\n${pair.join('\n')}`);
  expect(conversation.channel_id.replaceAll('-', '').slice(0, 12)).toBe(hash(conversation.hashes).toString('hex').slice(0, 12));
  for (const { message, jwe, header } of [one, several]) {
    const { node_id: nodeId, msg_id: msgId, channel_id: channelId } = JSON.parse(header) as Record<string, string>;
    expect([nodeId, channelId]).toEqual([ann.nodeId, conversation.channel_id]);
    const read = readJwe(compactParts(message) ?? [], { nodeId: nodeId ?? '', msgId: msgId ?? '', channelId });
    if (!read) throw new Error('it was not read');
    expect(JSON.stringify(await openJwe(crypto, read, new Uint8Array(hexBytes(content_key))))).toBe(direct.content);
    expect(Buffer.from(message, 'base64').toString()).toBe(jwe);
  }
  const algorithms = [one, several].map(({ header }) => JSON.parse(header) as JsonObject);
  expect(algorithms.map(({ alg, kid }) => [alg, kid])).toEqual([
    ['parley-mls', session.session],
    ['parley-mls-each', algorithms[1]?.msg_id],
  ]);
  // For each: node id, session, length, and what goes through MLS.
  const part = ({ node_id, session: id, wrapped }: (typeof several.parts)[number]): string =>
    [node_id, id].join('').replaceAll('-', '') + (wrapped.length / 2).toString(16).padStart(4, '0') + wrapped;
  expect(Buffer.from(several.jwe.split('.')[1] ?? '', 'base64url').toString('hex')).toBe(several.parts.map(part).join(''));
});
