import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, utf8 } from '../util/bytes.ts';
import { type ErrorCode, errorCode } from '../util/errors.ts';
import { dataHeader, FrameDecoder, jsonFrame, KEEP_ALIVE } from './frames.ts';

type Frame = { kind: 'json'; text: string } | { kind: 'data'; transfer: number; bytes: Uint8Array } | { kind: 'keep-alive' };
type Seen = { kind: 'json'; text: string } | { kind: 'data'; transfer: number; bytes: number[] } | { kind: 'keep-alive' };

function encode(frame: Frame): Uint8Array {
  if (frame.kind === 'json') return jsonFrame(frame.text);
  if (frame.kind === 'data') return concat(dataHeader(frame.transfer, frame.bytes.length), frame.bytes);
  return KEEP_ALIVE;
}

/** Decodes the chunks; bytes of one transfer that follow each other are one entry, since frames of a transfer may be cut anywhere. */
function decode(chunks: Uint8Array[], maxFrameBytes?: number): { seen: Seen[]; idle: boolean } {
  const seen: Seen[] = [];
  const decoder = new FrameDecoder({
    ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
    handler: {
      message: (json) => seen.push({ kind: 'json', text: new TextDecoder().decode(json) }),
      data: (transfer, bytes) => {
        const last = seen.at(-1);
        if (last?.kind === 'data' && last.transfer === transfer) last.bytes.push(...bytes);
        else seen.push({ kind: 'data', transfer, bytes: [...bytes] });
      },
      keepAlive: () => seen.push({ kind: 'keep-alive' }),
    },
  });
  for (const chunk of chunks) decoder.push(chunk);
  return { seen, idle: decoder.idle };
}

function expected(frames: Frame[]): Seen[] {
  const seen: Seen[] = [];
  for (const frame of frames) {
    const last = seen.at(-1);
    if (frame.kind !== 'data') seen.push(frame);
    else if (last?.kind === 'data' && last.transfer === frame.transfer) last.bytes.push(...frame.bytes);
    else seen.push({ kind: 'data', transfer: frame.transfer, bytes: [...frame.bytes] });
  }
  return seen;
}

function split(stream: Uint8Array, cuts: number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((cut) => cut % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => stream.subarray(from, at[index] ?? stream.length));
}

function codeOf(run: () => void): ErrorCode | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

const frame: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant('json' as const), text: fc.string({ minLength: 1, unit: 'grapheme', maxLength: 60 }) }),
  fc.record({
    kind: fc.constant('data' as const),
    transfer: fc.oneof(fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff), fc.nat()),
    bytes: fc.uint8Array({ maxLength: 60 }),
  }),
  fc.record({ kind: fc.constant('keep-alive' as const) }),
);

describe('frames', () => {
  it('have the bytes that the protocol gives them', () => {
    expect([...jsonFrame('{}')]).toEqual([0, 0, 0, 2, 0x7b, 0x7d]);
    expect([...jsonFrame('é')]).toEqual([0, 0, 0, 2, 0xc3, 0xa9]);
    expect([...dataHeader(0x01020304, 5)]).toEqual([0x80, 0, 0, 9, 1, 2, 3, 4]);
    expect([...dataHeader(0xffffffff, 0)]).toEqual([0x80, 0, 0, 4, 255, 255, 255, 255]);
    expect([...KEEP_ALIVE]).toEqual([0, 0, 0, 0]);
  });

  it('decode the same however the stream is split', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const chunks = split(concat(...frames.map(encode)), cuts);
        expect(decode(chunks)).toEqual({ seen: expected(frames), idle: true });
      }),
      { numRuns: 500 },
    );
  });

  it('decode byte by byte', () => {
    const frames: Frame[] = [
      { kind: 'json', text: '{"msg_type":"HELLO"}' },
      { kind: 'data', transfer: 7, bytes: utf8('raw bytes') },
      { kind: 'keep-alive' },
      { kind: 'json', text: '[1]' },
    ];
    const stream = concat(...frames.map(encode));
    expect(decode([...stream].map((byte) => Uint8Array.of(byte))).seen).toEqual(expected(frames));
  });

  it('fail or decode, and never do anything else, on any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (chunks) => {
        const code = codeOf(() => decode(chunks, 64));
        expect([undefined, 'too-large', 'bad-frame']).toContain(code);
        expect(codeOf(() => decode([concat(...chunks)], 64))).toBe(code);
      }),
      { numRuns: 500 },
    );
  });
});

describe('FrameDecoder', () => {
  it('passes payloads and whole messages on as views of the chunk', () => {
    const views: Uint8Array[] = [];
    const decoder = new FrameDecoder({
      handler: { message: (json) => views.push(json), data: (_transfer, bytes) => views.push(bytes), keepAlive() {} },
    });
    const first = concat(jsonFrame('{}'), dataHeader(2, 6), Uint8Array.of(1, 2, 3));
    const second = Uint8Array.of(4, 5, 6);
    decoder.push(first);
    decoder.push(second);
    expect(views.map((view) => view.buffer)).toEqual([first.buffer, first.buffer, second.buffer]);
    expect(views[0]?.buffer).toBe(first.buffer);
    expect(views[2]).toBe(second);
    expect(views.map((view) => [...view])).toEqual([
      [0x7b, 0x7d],
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  it('passes a partial data frame on before the rest is there', () => {
    const { seen, idle } = decode([concat(dataHeader(4, 1000), Uint8Array.of(9))]);
    expect(seen).toEqual([{ kind: 'data', transfer: 4, bytes: [9] }]);
    expect(idle).toBe(false);
  });

  it('accepts a frame at the limit and refuses the next larger by its header alone', () => {
    expect(decode([jsonFrame('12345678')], 8).seen).toHaveLength(1);
    expect(decode([concat(dataHeader(1, 4), Uint8Array.of(1, 2, 3, 4))], 8).seen).toHaveLength(1);
    expect(codeOf(() => decode([Uint8Array.of(0, 0, 0, 9)], 8))).toBe('too-large');
    expect(codeOf(() => decode([Uint8Array.of(0x80, 0, 0, 9)], 8))).toBe('too-large');
    expect(codeOf(() => decode([Uint8Array.of(0x7f, 255, 255, 255)]))).toBe('too-large');
    expect(codeOf(() => decode([Uint8Array.of(255, 255, 255, 255)]))).toBe('too-large');
    expect(codeOf(() => decode([Uint8Array.of(0, 0x10, 0, 1)]))).toBe('too-large');
  });

  it.each([0, 1, 2, 3])('refuses a data frame of %i bytes', (length) => {
    expect(codeOf(() => decode([Uint8Array.of(0x80, 0, 0, length)]))).toBe('bad-frame');
  });

  it('stays failed', () => {
    const decoder = new FrameDecoder({ handler: { message() {}, data() {}, keepAlive() {} } });
    expect(codeOf(() => decoder.push(Uint8Array.of(0x80, 0, 0, 0)))).toBe('bad-frame');
    expect(codeOf(() => decoder.push(jsonFrame('{}')))).toBe('bad-frame');
  });

  it('delivers nothing after stop, not even the rest of the chunk', () => {
    let messages = 0;
    const decoder: FrameDecoder = new FrameDecoder({
      handler: {
        message() {
          messages++;
          decoder.stop();
        },
        data() {},
        keepAlive() {},
      },
    });
    decoder.push(concat(jsonFrame('1'), jsonFrame('2')));
    decoder.push(jsonFrame('3'));
    expect(messages).toBe(1);
  });

  it('allocates for the bytes that came, not for the length that was claimed', () => {
    const claimed = 1024 * 1024;
    const allocated: number[] = [];
    const Real = globalThis.Uint8Array;
    const Counting = new Proxy(Real, {
      construct(target, args: unknown[]) {
        if (typeof args[0] === 'number') allocated.push(args[0]);
        return Reflect.construct(target, args);
      },
    });
    const decoder = new FrameDecoder({ handler: { message() {}, data() {}, keepAlive() {} } });
    const header = Real.of(0, 0x10, 0, 0);
    const byte = Real.of(0x20);
    globalThis.Uint8Array = Counting;
    try {
      decoder.push(header);
      expect(allocated).toEqual([]);
      for (let i = 0; i < 100; i++) decoder.push(byte);
      expect(allocated).toEqual([4096]);
      for (let i = 100; i < claimed; i++) decoder.push(byte);
    } finally {
      globalThis.Uint8Array = Real;
    }
    // Doubling: in all no more than a few times the message, and never above it at once.
    expect(allocated.reduce((sum, size) => sum + size, 0)).toBeLessThan(3 * claimed);
    expect(Math.max(...allocated)).toBeLessThanOrEqual(claimed);
  });
});

describe('encoders', () => {
  it('refuse what no frame can hold', () => {
    expect(codeOf(() => jsonFrame(''))).toBe('bad-argument');
    expect(codeOf(() => jsonFrame('12345', 4))).toBe('too-large');
    for (const transfer of [-1, 1.5, 2 ** 32, Number.NaN]) expect(codeOf(() => dataHeader(transfer, 1))).toBe('bad-argument');
    for (const length of [-1, 0.5, 2 ** 31 - 4]) expect(codeOf(() => dataHeader(1, length))).toBe('bad-argument');
  });
});
