import { describe, expect, it } from 'vitest';
import type { Store } from '../../../ports/store.ts';
import type { ClosedChannel } from './channel.ts';
import { Invitations } from './invitations.ts';

let count = 0;

/** What comes of one more from somebody. */
function invited(invitations: Invitations, nodeId: string, isKnown: boolean): string | undefined {
  const id = `channel ${++count}`;
  const fault = invitations.fault(id, { nodeId, isKnown });
  const channel = { id, row: () => ({}) } as unknown as ClosedChannel;
  if (fault === undefined) invitations.put({ channel, by: nodeId, known: isKnown, received: count, accepted: false });
  return fault;
}

describe('open invitations', () => {
  it('of strangers, under ever new keys, leave room for those of whom the user knows', () => {
    const invitations = new Invitations({} as Store, 0);
    for (let i = 0; i < 50; i++) expect(invited(invitations, `stranger ${i}`, false)).toBeUndefined();
    expect(invited(invitations, 'one more', false)).toBe('invitations-full');
    for (let i = 0; i < 50; i++) expect(invited(invitations, `contact ${i}`, true)).toBeUndefined();
    expect(invited(invitations, 'another contact', true)).toBe('invitations-full');
  });

  it('that come too fast are those of strangers', () => {
    const invitations = new Invitations({} as Store, 0);
    const at = (nodeId: string, isKnown: boolean) => invitations.paced(`of ${nodeId}`, { nodeId, isKnown }, 0);
    for (let i = 0; i < 50; i++) expect(at(`stranger ${i}`, false)).toBe(true);
    expect(at('one more', false)).toBe(false);
    expect(at('contact', true)).toBe(true);
  });
});
