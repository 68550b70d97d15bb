import type { ChannelView } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { switchItems } from '../app/switch-items.ts';
import { beginsHere, tellApart } from './channels.ts';

const channel = (id: string, name: string, part: Partial<ChannelView> = {}): ChannelView => ({
  id,
  name,
  kind: 'public',
  joined: true,
  members: 1,
  unread: 0,
  ...part,
});

describe('channels of one name', () => {
  const channels = [
    channel('1a2b3c4d-0000', 'garden'),
    channel('1a2b3cff-0000', 'Garden'),
    channel('77770000-0000', 'garden', { kind: 'closed' }),
    channel('88880000-0000', 'kitchen'),
    // Of a person there is one conversation, and people have digits of their own.
    channel('99990000-0000', 'kitchen', { kind: 'direct' }),
  ];

  it('are told apart by as many digits of their ids as that takes, and others have none', () => {
    expect([...tellApart(channels)]).toEqual([
      ['1a2b3c4d-0000', '1a2b3c4'],
      ['1a2b3cff-0000', '1a2b3cf'],
      ['77770000-0000', '7777000'],
    ]);
    expect([...tellApart(channels.slice(1, 4))].map(([, digits]) => digits)).toEqual(['1a2b', '7777']);
    expect(tellApart(undefined).size).toBe(0);
  });

  it('stand so in the quick switcher', () => {
    const hints = switchItems({ channels: channels.slice(1).map((each, at) => ({ ...each, unread: at })), people: {} }, 'garden');
    expect(hints.map(({ hint }) => hint)).toEqual(['1 new, 7777', '1a2b']);
  });
});

describe('the beginning of a channel', () => {
  const made = channel('1', 'garden', { kind: 'closed', owner: 'key_mine' });

  it('is told of by who made it', () => {
    expect(beginsHere(made, 'key_mine')).toBe(true);
    expect(beginsHere(made, 'key_other')).toBe(false);
    expect(beginsHere(channel('2', 'open'), undefined)).toBe(false);
  });

  it('is not, once messages may have disappeared', () => {
    const by = { node_id: '1', display: 'ann', present: true };
    expect(beginsHere({ ...made, timer: { seconds: 0, by, time: '2026-01-02T03:04:05.000Z' } }, 'key_mine')).toBe(false);
  });
});
