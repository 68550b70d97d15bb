import type { ChannelView } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { mayActOn, mayEdit, mayModerate, mayPin } from './rights.ts';

const channel = (more: Partial<ChannelView>): ChannelView => ({ id: '1', name: 'garden', joined: true, members: 2, unread: 0, ...more });
const self = { key: 'key_self' };

describe('what a user may do with the messages of others', () => {
  it('is up to the owner of a public channel, and to nobody where there is none', () => {
    expect(mayModerate(channel({ owner: 'key_self' }), self)).toBe(true);
    expect(mayModerate(channel({ owner: 'key_other' }), self)).toBe(false);
    expect(mayModerate(channel({}), self)).toBe(false);
    expect(mayModerate(undefined, self)).toBe(false);
  });

  it('goes by the role in a closed channel, whoever founded it', () => {
    const closed = (role: ChannelView['role']): boolean =>
      mayModerate(channel({ kind: 'closed', owner: 'key_other', ...(role ? { role } : {}) }), self);
    expect([closed('owner'), closed('moderator'), closed('member'), closed('observer'), closed(undefined)]).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(mayModerate(channel({ kind: 'closed', owner: 'key_self', role: 'member' }), self)).toBe(false);
  });

  it('lets everybody pin where nobody owns the channel, once they are in it', () => {
    expect(mayPin(channel({}), self)).toBe(true);
    expect(mayPin(channel({ joined: false }), self)).toBe(false);
    expect(mayPin(channel({ owner: 'key_other' }), self)).toBe(false);
    expect(mayPin(channel({ kind: 'closed', owner: 'key_other', role: 'moderator' }), self)).toBe(true);
  });
});

describe('what a user may do with what they said', () => {
  it('is not what an earlier key said', () => {
    const deleted = { by: { node_id: 'a', display: 'a', present: true }, time: '' };
    expect([{ own: true }, { own: false }, { own: true, deleted }].map((message) => mayEdit(undefined, message))).toEqual([
      true,
      false,
      false,
    ]);
    expect(mayEdit(undefined, { own: true, earlier: 'key' })).toBe(false);
    expect(mayEdit(undefined, { own: true, earlier: 'conversation' })).toBe(false);
    // Others of the channel react to it and answer it as to any other.
    expect(mayActOn(undefined, { own: true, earlier: 'key' })).toBe(true);
    expect(mayActOn(undefined, { own: false, earlier: 'conversation' })).toBe(false);
    expect(mayActOn(undefined, { own: true, deleted })).toBe(false);
  });

  it('is nothing where they only read, or are no more', () => {
    expect(mayEdit(channel({ kind: 'closed', role: 'member' }), { own: true })).toBe(true);
    for (const where of [channel({ kind: 'closed', role: 'observer' }), channel({ joined: false })]) {
      expect(mayEdit(where, { own: true })).toBe(false);
      expect(mayActOn(where, { own: false })).toBe(false);
    }
  });
});
