import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelDefaults } from './config.ts';
import { type Channel, ChannelDirectory } from './directory.ts';

const DAY = 24 * 60 * 60_000;
const config = { ...channelDefaults, maxChannels: 3, maxMembers: 5 };

function lobby(directory: ChannelDirectory, id = 'lobby', now = 0): Channel {
  const channel = directory.know(id, id, now);
  if (!channel) throw new Error('no room');
  return channel;
}

describe('membership', () => {
  it('is what the member said last by its own time, in whatever order that comes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.boolean()), { selector: ([time]) => time }), (said) => {
        const directory = new ChannelDirectory(config);
        const channel = lobby(directory);
        for (const [time, joined] of said) directory.member(channel, 'a', joined, time, 0);
        const last = [...said].sort(([a], [b]) => b - a)[0];
        expect(directory.isMember(channel, 'a')).toBe(last?.[1] ?? false);
        expect(directory.members(channel)).toEqual(last?.[1] ? ['a'] : []);
        expect(directory.share('a', 'a')).toBe(last?.[1] ?? false);
      }),
    );
  });

  it('by hint counts until the member itself says otherwise, and never against it', () => {
    const directory = new ChannelDirectory(config);
    const channel = lobby(directory);
    expect(directory.hint(channel, 'a', 0)).toBe(true);
    expect(directory.isMember(channel, 'a')).toBe(true);
    expect(directory.member(channel, 'a', false, 1, 0)).toBe(true);
    expect(directory.hint(channel, 'a', 0)).toBe(false);
    expect(directory.isMember(channel, 'a')).toBe(false);
  });

  it('of those who said so displaces what is only hinted at, when all places are taken', () => {
    const directory = new ChannelDirectory(config);
    const channel = lobby(directory);
    for (const id of ['h1', 'h2', 'h3', 'h4', 'h5', 'h6']) directory.hint(channel, id, 0);
    expect(directory.members(channel)).toEqual(['h1', 'h2', 'h3', 'h4', 'h5']);
    expect(directory.member(channel, 'a', true, 1, 0)).toBe(true);
    expect(directory.members(channel)).toEqual(['h2', 'h3', 'h4', 'h5', 'a']);
    expect(directory.share('h1', 'a')).toBe(false);
    for (const id of ['b', 'c', 'd', 'e']) directory.member(channel, id, true, 1, 0);
    expect(directory.member(channel, 'f', true, 1, 0)).toBe(false);
    expect(directory.members(channel)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('ends when nothing is heard for long, but not of one who is present, nor our own', () => {
    const directory = new ChannelDirectory(config);
    const channel = lobby(directory);
    for (const id of ['self', 'here', 'gone']) directory.member(channel, id, true, 1, 0);
    channel.joined = true;
    directory.expire(7 * DAY + 1, (id) => id === 'here', 'self');
    expect(directory.members(channel)).toEqual(['self', 'here']);
    expect(directory.share('gone', 'here')).toBe(false);
  });

  it('is addressed to who said so, and of those who are only listed to whoever is there', () => {
    const directory = new ChannelDirectory(config);
    const channel = lobby(directory);
    directory.hint(channel, 'listed and there', 0);
    directory.hint(channel, 'listed', 0);
    directory.member(channel, 'sure', true, 1, 0);
    expect(directory.recipients(channel, (id) => id.includes('there'))).toEqual(['sure', 'listed and there']);
  });
});

describe('channels', () => {
  it('that nobody announces are forgotten, joined ones not', () => {
    const directory = new ChannelDirectory(config);
    lobby(directory, 'old', 0);
    lobby(directory, 'mine', 0).joined = true;
    lobby(directory, 'new', 1000);
    expect(directory.expire(channelDefaults.forgetMs + 1, () => false, 'self')).toEqual(['old']);
    expect(directory.all().map((channel) => channel.id)).toEqual(['mine', 'new']);
  });

  it('are bounded: the one that was announced longest ago gives way, a joined one never', () => {
    const directory = new ChannelDirectory(config);
    lobby(directory, 'mine', 0).joined = true;
    lobby(directory, 'a', 1);
    lobby(directory, 'b', 2);
    lobby(directory, 'c', 3);
    expect(directory.all().map((channel) => channel.id)).toEqual(['mine', 'b', 'c']);
    for (const channel of directory.all()) channel.joined = true;
    expect(directory.know('d', 'd', 4)).toBeUndefined();
  });

  it('keep their index of members right through everything', () => {
    const steps = fc.array(
      fc.record({
        channel: fc.constantFrom('x', 'y', 'z', 'w'),
        node: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
        what: fc.constantFrom('join', 'leave', 'hint', 'expire'),
      }),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const directory = new ChannelDirectory(config);
        let now = 0;
        for (const { channel: id, node, what } of all) {
          now += DAY / 2;
          const channel = directory.know(id, id, now);
          if (!channel) continue;
          if (what === 'hint') directory.hint(channel, node, now);
          else if (what === 'expire') directory.expire(now, () => false, 'a');
          else directory.member(channel, node, what === 'join', now, now);
        }
        for (const a of 'abcdefg') {
          for (const b of 'abcdefg') {
            const common = directory.all().filter((channel) => directory.isMember(channel, a) && directory.isMember(channel, b));
            expect(directory.shared(a, b).sort()).toEqual(common.map((channel) => channel.id).sort());
            expect(directory.share(a, b)).toBe(common.length > 0);
          }
        }
      }),
    );
  });
});
