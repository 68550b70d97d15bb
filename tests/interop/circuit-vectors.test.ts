import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conclude, fromHex, Layer } from '@parley/core';
import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import type { vectors } from '../../scripts/docs/vectors.mjs';

const crypto = createCrypto();
const VECTORS = join(import.meta.dirname, '../../docs/protocol/vectors.json');
const committed = JSON.parse(readFileSync(VECTORS, 'utf8')) as Awaited<ReturnType<typeof vectors>>;
const bytes = (digits: string): Uint8Array => fromHex(digits) as Uint8Array;

describe('the test vectors of circuits', () => {
  it('give the keys of the hops of a circuit, and cells that open layer by layer', async () => {
    const { handshakes, content, outward, back } = committed.circuit;
    const keys = await Promise.all(
      handshakes.map(async ({ depth, maker_secret, from, to, signs, sig, hop }) => {
        const own = crypto.agreementKey(bytes(maker_secret));
        expect(Buffer.from(own.publicKey).toString('base64')).toBe(from);
        const { node_id: nodeId, public_key: publicKey } = committed.keys.find(({ name }) => name === hop) as {
          node_id: string;
          public_key: string;
        };
        expect(signs).toContain(nodeId);
        return conclude(crypto, own, { nodeId, publicKey: bytes(publicKey), depth }, { key: to, sig });
      }),
    );
    expect(keys.map(({ forward }) => Buffer.from(forward).toString('hex'))).toEqual(handshakes.map(({ forward }) => forward));
    const [first, second] = keys as [(typeof keys)[0], (typeof keys)[0]];
    const cell = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));
    const open = (key: Uint8Array, depth: number, from: Uint8Array) =>
      new Layer(crypto, key, depth).open(from) as { inner: Uint8Array; content: Uint8Array };
    const { inner } = open(first.forward, 1, cell(outward.at_first));
    expect(Buffer.from(inner).equals(Buffer.from(cell(outward.at_second)).subarray(0, inner.length))).toBe(true);
    for (const layer of [inner, cell(outward.at_second)])
      expect(Buffer.from(open(second.forward, 2, layer).content).toString('hex')).toBe(content);
    const behind = open(first.backward, 1, cell(back.from_first)).inner;
    for (const layer of [behind, cell(back.from_second)])
      expect(Buffer.from(open(second.backward, 2, layer).content).toString('hex')).toBe(content);
  });
});
