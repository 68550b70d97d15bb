import { dataHeader, errorCode, jsonFrame, KEEP_ALIVE } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Flusher } from '../sockets/flusher.ts';
import { Gather } from './gather.ts';

describe('Gather', () => {
  it('holds the same bytes as the frames one by one', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1 }),
      fc.constantFrom('é'.repeat(1000), 'x'.repeat(5000), '🎈'.repeat(600)),
    );
    const frame = fc.oneof(text, fc.constant(undefined), fc.record({ transfer: fc.nat(), bytes: fc.uint8Array({ maxLength: 600 }) }));
    fc.assert(
      fc.property(fc.array(frame), (frames) => {
        const gather = new Gather();
        const expected = frames.map((one) => {
          if (one === undefined) {
            gather.keepAlive();
            return KEEP_ALIVE;
          }
          if (typeof one === 'string') {
            gather.json(one, 2 ** 20);
            return jsonFrame(one);
          }
          gather.data(one.transfer, one.bytes);
          return Buffer.concat([dataHeader(one.transfer, one.bytes.length), one.bytes]);
        });
        const all = Buffer.concat(expected);
        expect(gather.length).toBe(all.length);
        expect(Buffer.compare(gather.take() ?? Buffer.alloc(0), all)).toBe(0);
        expect([gather.length, gather.take()]).toEqual([0, undefined]);
      }),
    );
  });

  it('refuses messages that are too long or empty, and keeps the rest', () => {
    const gather = new Gather();
    gather.json('{}', 8);
    const refused = ['', '123456789', 'ééééé', 'x'.repeat(5000)].map((text) => {
      try {
        gather.json(text, 8);
        return 'taken';
      } catch (error) {
        return errorCode(error);
      }
    });
    expect(refused).toEqual(['bad-argument', 'too-large', 'too-large', 'too-large']);
    gather.json('éééé', 8);
    expect(gather.take()).toEqual(Buffer.concat([jsonFrame('{}'), jsonFrame('éééé')]));
  });
});

describe('Flusher', () => {
  it('flushes at the end of the turn, each time anew', async () => {
    const flusher = new Flusher();
    const flushed: string[] = [];
    const one = (name: string) => ({ flush: () => void flushed.push(name) });
    flusher.add(one('a'));
    flusher.add(one('b'));
    expect(flushed).toEqual([]);
    await new Promise(setImmediate);
    expect(flushed).toEqual(['a', 'b']);
    flusher.add({
      flush: () => {
        flushed.push('c');
        flusher.add(one('d'));
      },
    });
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(flushed).toEqual(['a', 'b', 'c', 'd']);
  });
});
