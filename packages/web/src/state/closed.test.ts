import type { Parley } from '@parley/browser';
import { type ContactView, type MemberView, ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { placeOf } from './channels.ts';
import { acceptInvitation, candidates, invite, maySendAway, rolesToGive } from './closed.ts';
import { createContext } from './context.ts';
import { Keep } from './keep.ts';
import { notifyLevel } from './notify.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { person } from './testing.ts';

const member = (id: string, part: Partial<MemberView> = {}): MemberView => ({ ...person(id), role: 'member', ...part });
const friend = (id: string, part: Partial<ContactView> = {}): ContactView => ({
  ...person(id),
  key: `key_${id}`,
  state: 'accepted',
  verified: false,
  blocked: false,
  added: '2026-01-01T00:00:00.000Z',
  ...part,
});

function start(node: object = {}) {
  const keep = new Keep({ getItem: () => null, setItem: () => {}, removeItem: () => {} });
  // Of all that a node does, what is asked of it here.
  return createContext({ node, phase: { phase: 'running', leads: true } } as unknown as Parley, keep, { view: 'home' });
}

describe('closed channels', () => {
  it('offer what a role allows, and no more', () => {
    expect(rolesToGive('owner', 'none')).toEqual(['owner', 'moderator', 'member', 'observer']);
    expect(rolesToGive('moderator', 'member')).toEqual(['member', 'observer']);
    expect(rolesToGive('moderator', 'owner')).toEqual([]);
    expect(rolesToGive('member', 'none')).toEqual(['member', 'observer']);
    expect(rolesToGive('member', 'member')).toEqual([]);
    expect([rolesToGive('observer', 'none'), rolesToGive(undefined, 'none')]).toEqual([[], []]);
    expect([maySendAway('owner', 'owner'), maySendAway('moderator', 'member')]).toEqual([true, true]);
    expect([maySendAway('moderator', 'moderator'), maySendAway('member', 'observer'), maySendAway(undefined, 'member')]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('can be offered to contacts first, and to nobody who is in them or blocked', () => {
    const state = {
      ...start().store.get(),
      contacts: [friend('zoe'), friend('in'), friend('bad', { blocked: true }), friend('asked', { state: 'requested' })],
      people: {
        ann: person('ann'),
        bad: person('bad'),
        in: person('in'),
        zoe: person('zoe'),
        // A further device comes along by itself.
        tablet: { ...person('tablet'), of: { key: 'key_zoe', node_id: 'zoe', device: 'Tablet' } },
      },
      closed: {
        c: { view: { channel_id: 'c', history: 'all' as const }, members: [member('in'), member('ann', { invited: true })] },
      },
    };
    const found = (query: string) => candidates(state, 'c', query).map(({ node_id }) => node_id);
    expect(found('')).toEqual(['zoe', 'ann']);
    expect(found('an')).toEqual(['ann']);
  });

  it('show who was invited, and say in the words of the node why somebody could not be', async () => {
    const members = [member('self', { role: 'owner' }), member('ann', { invited: true })];
    let refused = false;
    const context = start({
      invite: async () => {
        if (refused) throw new ParleyError('conflict', 'it is a member already');
        return members[1];
      },
      closedChannel: async () => ({ channel_id: 'c', role: 'owner', history: 'all' }),
      members: async () => members,
    });
    expect(await invite(context, 'c', person('ann'), 'member')).toBe(true);
    expect(context.store.get().closed.c?.members).toBe(members);
    refused = true;
    expect(await invite(context, 'c', person('ann'), 'member')).toBe(false);
    expect(context.store.get().notices[0]?.text).toBe('It is a member already.');
  });

  it('are told to come later while no member has given the key', async () => {
    const invitation = { channel_id: 'c', name: 'x', by: person('ann'), members: 1, received: '2026-01-01T00:00:00Z', accepted: false };
    const accepted = { ...invitation, accepted: true };
    const context = start({
      acceptInvitation: () => Promise.reject(new ParleyError('timeout', 'accepted; no member has given the key yet')),
      invitations: async () => [accepted],
    });
    await acceptInvitation(context, invitation);
    expect(context.store.get().invitations).toEqual([accepted]);
    expect(context.store.get().notices[0]?.kind).toBe('info');
  });
});

describe('conversations of two', () => {
  it('bear a name without #, and tell of every message unless that is not wanted', () => {
    expect([placeOf({ kind: 'direct', name: 'Ann' }), placeOf({ kind: 'closed', name: 'x' }), placeOf({ name: 'y' })]).toEqual([
      'Ann',
      '#x',
      '#y',
    ]);
    expect(notifyLevel(DEFAULT_SETTINGS, 'c', 'direct')).toBe('all');
    expect(notifyLevel(DEFAULT_SETTINGS, 'c', 'closed')).toBe('mentions');
    expect(notifyLevel({ ...DEFAULT_SETTINGS, notifyDefault: 'off' }, 'c', 'direct')).toBe('off');
    expect(notifyLevel({ ...DEFAULT_SETTINGS, notifyChannel: { c: 'off' } }, 'c', 'direct')).toBe('off');
  });
});
