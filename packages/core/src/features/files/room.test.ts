import { describe, expect, it } from 'vitest';
import { fileDefaults } from './config.ts';
import { refusalOf } from './room.ts';
import type { FileRecord } from './shelf.ts';

const MIB = 1024 * 1024;
const config = { ...fileDefaults, maxUnfinished: 20, maxAutoBytes: 100 * MIB };
let count = 0;

const record = (sender: string, about: Partial<FileRecord> = {}): FileRecord => ({
  root: String(++count),
  key: new Uint8Array(32),
  size: 1000,
  sha256: '',
  channelId: 'channel',
  sender,
  state: 'fetching',
  asked: false,
  ...about,
});

describe('files that members name and nobody has', () => {
  it('are so many of each member, and so many of all; what the user asks for does not wait for them', () => {
    const named = [record('mel'), record('mel')];
    expect(refusalOf(named, { size: 1, sender: 'mel', asked: false }, config)).toMatchObject({ code: 'quota' });
    expect(refusalOf(named, { size: 1, sender: 'ann', asked: false }, config)).toBeUndefined();
    const all = Array.from({ length: 20 }, (_, at) => record(`member ${at}`));
    expect(refusalOf(all, { size: 1, sender: 'ann', asked: false }, config)).toMatchObject({ code: 'quota' });
    expect(refusalOf(all, { size: 1, sender: 'ann', asked: true }, config)).toBeUndefined();
    const wanted = all.map((one) => ({ ...one, asked: true }));
    expect(refusalOf(wanted, { size: 1, sender: 'ann', asked: true }, config)).toMatchObject({ code: 'quota' });
  });

  it('take so much room; what failed takes none', () => {
    const kept = [record('mel', { state: 'here', size: 99 * MIB })];
    expect(refusalOf(kept, { size: 2 * MIB, sender: 'ann', asked: false }, config)).toMatchObject({ code: 'quota' });
    expect(refusalOf(kept, { size: 2 * MIB, sender: 'ann', asked: true }, config)).toBeUndefined();
    const failed = kept.map((one) => ({ ...one, state: 'failed' as const }));
    expect(refusalOf(failed, { size: 2 * MIB, sender: 'ann', asked: false }, config)).toBeUndefined();
    expect(refusalOf(kept, { size: config.maxBytes, sender: 'ann', asked: true }, config)).toMatchObject({ code: 'quota' });
    expect(refusalOf([], { size: config.maxFileBytes + 1, sender: 'ann', asked: true }, config)).toMatchObject({ code: 'too-large' });
  });
});
