import { createCrypto } from '@parley/host';
import { describe, expect, it } from 'vitest';
import type { Random } from '../../ports/random.ts';
import { utf8 } from '../../util/bytes.ts';
import { contentBytes, filled, Layer } from './cell.ts';
import { CELL_BYTES } from './verbs.ts';

const crypto = createCrypto();
const random = { bytes: (count: number) => new Uint8Array(count).fill(0xee) } as unknown as Random;
const keyOf = (hop: number): Uint8Array => new Uint8Array(32).fill(hop);
const layers = (hops: number): Layer[] => Array.from({ length: hops }, (_, i) => new Layer(crypto, keyOf(i + 1), i + 1));

type Opened = { readonly content?: Uint8Array; readonly inner?: Uint8Array } | undefined;
const open = (layer: Layer | undefined, cell: Uint8Array): Opened => layer?.open(cell) as Opened;

/** From the maker to the last of some hops. */
function outward(maker: readonly Layer[], content: Uint8Array): Uint8Array {
  const [last, ...before] = [...maker].reverse();
  const closed = last?.close(content) as Uint8Array;
  return filled(
    random,
    before.reduce((cell, layer) => layer.wrap(cell) as Uint8Array, closed),
  );
}

describe('a cell', () => {
  for (const hops of [1, 2, 3])
    it(`brings its content over ${hops} hops, each of which takes its layer away and passes on a cell as long`, () => {
      const maker = layers(hops);
      const servers = layers(hops);
      for (const length of [0, 1, contentBytes(hops)]) {
        const content = new Uint8Array(length).fill(7);
        let cell = outward(maker, content);
        for (const [at, server] of servers.entries()) {
          expect(cell).toHaveLength(CELL_BYTES);
          const opened = open(server, cell);
          if (at === hops - 1) expect(opened?.content).toEqual(content);
          else cell = filled(random, opened?.inner as Uint8Array);
        }
      }
    });

  it('comes back through layers that each hop puts around it', () => {
    const servers = layers(3);
    const maker = layers(3);
    for (const text of ['first', 'second']) {
      let cell = filled(random, servers[2]?.close(utf8(text)) as Uint8Array);
      for (const server of [servers[1], servers[0]]) cell = filled(random, server?.wrap(cell) as Uint8Array);
      expect(cell).toHaveLength(CELL_BYTES);
      const inner = [maker[0], maker[1]].reduce((each, layer) => open(layer, each)?.inner as Uint8Array, cell);
      expect(open(maker[2], inner)?.content).toEqual(utf8(text));
    }
  });

  it('does not open when a bit of it was altered, when one before it is missing, or a second time', () => {
    const [altered, late, twice] = [layers(1)[0], layers(1)[0], layers(1)[0]];
    const [maker] = layers(1);
    const cells = ['a', 'b'].map((text) => maker?.close(utf8(text)) as Uint8Array);
    const [first, second] = cells as [Uint8Array, Uint8Array];
    const bent = first.slice();
    bent[100] = (bent[100] ?? 0) ^ 1;
    expect(open(altered, bent)).toBeUndefined();
    expect(open(late, second)).toBeUndefined();
    expect(open(twice, first)?.content).toEqual(utf8('a'));
    expect(open(twice, first)).toBeUndefined();
  });

  it('is refused when it says to be longer than a cell, or is of no kind', () => {
    for (const [kind, length] of [
      [1, 0xffff],
      [2, 1],
    ] as const) {
      const plain = new Uint8Array(CELL_BYTES - 16);
      plain.set([kind, length >> 8, length & 0xff]);
      const cell = crypto.seal(keyOf(1), new Uint8Array(12), plain, new Uint8Array(0)) as Uint8Array;
      expect(open(layers(1)[0], cell)).toBeUndefined();
    }
  });
});
