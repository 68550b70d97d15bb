import { describe, expect, it } from 'vitest';
import { fileDefaults } from './config.ts';
import { refusalOf } from './room.ts';
import type { FileRecord } from './shelf.ts';

const MIB = 1024 * 1024;
const config = { ...fileDefaults, maxUnfinished: 20, maxAutoBytes: 100 * MIB };
const isKnown = (sender: string): boolean => sender.startsWith('friend');
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
    expect(refusalOf(named, { size: 1, sender: 'mel', asked: false }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(named, { size: 1, sender: 'ann', asked: false }, config, isKnown)).toBeUndefined();
    const all = Array.from({ length: 20 }, (_, at) => record(`friend ${at}`));
    expect(refusalOf(all, { size: 1, sender: 'friend', asked: false }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(all, { size: 1, sender: 'ann', asked: true }, config, isKnown)).toBeUndefined();
    const wanted = all.map((one) => ({ ...one, asked: true }));
    expect(refusalOf(wanted, { size: 1, sender: 'ann', asked: true }, config, isKnown)).toMatchObject({ code: 'quota' });
  });

  it('leave half of the room, and of the fetches, to those whom the user knows', () => {
    const strange = Array.from({ length: 10 }, (_, at) => record(`stranger ${at}`));
    expect(refusalOf(strange, { size: 1, sender: 'ann', asked: false }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(strange, { size: 1, sender: 'friend', asked: false }, config, isKnown)).toBeUndefined();
    const here = [record('mel', { state: 'here', size: 49 * MIB })];
    expect(refusalOf(here, { size: 2 * MIB, sender: 'ann', asked: false }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(here, { size: 51 * MIB, sender: 'friend', asked: false }, config, isKnown)).toBeUndefined();
    const known = [record('friend', { state: 'here', size: 50 * MIB })];
    expect(refusalOf(known, { size: 50 * MIB, sender: 'ann', asked: false }, config, isKnown)).toBeUndefined();
  });

  it('have of one stranger at most a quarter of the room as long as they are not here, or are one', () => {
    const large = [record('mel', { size: 12 * MIB })];
    expect(refusalOf([], { size: 13 * MIB, sender: 'mel', asked: false }, config, isKnown)).toBeUndefined();
    expect(refusalOf(large, { size: MIB, sender: 'mel', asked: false }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(large, { size: MIB, sender: 'ann', asked: false }, config, isKnown)).toBeUndefined();
    const here = large.map((one) => ({ ...one, state: 'here' as const }));
    expect(refusalOf(here, { size: MIB, sender: 'mel', asked: false }, config, isKnown)).toBeUndefined();
  });

  it('are so many in all, however small, and whether or not they could be had: the user has room for others', () => {
    const few = { ...config, maxFiles: 40 };
    const tiny = (sender: string, of: number) =>
      Array.from({ length: of }, (_, at) => record(sender, { state: at % 2 === 0 ? 'here' : 'failed', size: 1 }));
    const strange = tiny('mel', 10);
    expect(refusalOf(strange, { size: 1, sender: 'ann', asked: false }, few, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(strange, { size: 1, sender: 'friend', asked: false }, few, isKnown)).toBeUndefined();
    const known = tiny('friend', 20);
    expect(refusalOf(known, { size: 1, sender: 'friend', asked: false }, few, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(known, { size: 1, sender: 'friend', asked: true }, few, isKnown)).toBeUndefined();
  });

  it('take so much room; what failed takes none', () => {
    const kept = [record('friend', { state: 'here', size: 99 * MIB })];
    expect(refusalOf(kept, { size: 2 * MIB, sender: 'friend', asked: false }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf(kept, { size: 2 * MIB, sender: 'ann', asked: true }, config, isKnown)).toBeUndefined();
    const failed = kept.map((one) => ({ ...one, state: 'failed' as const }));
    expect(refusalOf(failed, { size: 2 * MIB, sender: 'ann', asked: false }, config, isKnown)).toBeUndefined();
    expect(refusalOf(kept, { size: config.maxBytes, sender: 'ann', asked: true }, config, isKnown)).toMatchObject({ code: 'quota' });
    expect(refusalOf([], { size: config.maxFileBytes + 1, sender: 'ann', asked: true }, config, isKnown)).toMatchObject({
      code: 'too-large',
    });
  });
});
