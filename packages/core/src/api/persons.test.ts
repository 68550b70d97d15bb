import { describe, expect, it } from 'vitest';
import { membersTogether, recipientsTogether, together } from './persons.ts';
import type { DeliveryView } from './types-messages.ts';
import type { MemberView } from './types-people.ts';

const of = (person: string, former?: true) => ({ key: `key_${person}`, node_id: person, device: 'Tablet', ...(former && { former }) });
const member = (node_id: string, more: Partial<MemberView> = {}): MemberView => ({ node_id, display: node_id, present: false, ...more });

type Recipient = DeliveryView['recipients'][number];
const to = (node_id: string, state: Recipient['state'], more: Partial<Recipient> = {}): Recipient => ({
  node_id,
  display: node_id,
  state,
  ...more,
});

describe('nodes as people', () => {
  it('are devices of one person together, whichever of them comes first', () => {
    const nodes = [member('tablet', { of: of('ben') }), member('ann'), member('ben'), member('phone', { of: of('ben') })];
    expect(together(nodes).map(({ person, shown, nodes: all }) => [person, shown.node_id, all.length])).toEqual([
      ['ben', 'ben', 3],
      ['ann', 'ann', 1],
    ]);
  });

  it('stay apart where nobody has signed that they are one, and once a device is revoked', () => {
    const nodes = [member('ben'), member('tablet'), member('lost', { of: of('ben', true) })];
    expect(together(nodes).map(({ person }) => person)).toEqual(['ben', 'tablet', 'lost']);
  });

  it('are one person also where the first device is none of them', () => {
    expect(together([member('tablet', { of: of('ben') })])).toMatchObject([{ person: 'ben', shown: { node_id: 'tablet' } }]);
  });
});

describe('members as people', () => {
  it('are there with any device, with the most that one of them may, and in it with the first that has accepted', () => {
    const all = [
      member('ben', { role: 'member', invited: true }),
      member('tablet', { of: of('ben'), role: 'moderator', present: true }),
      member('phone', { of: of('ben'), role: 'observer' }),
    ];
    const [ben, ...others] = membersTogether(all);
    expect(others).toEqual([]);
    expect(ben?.shown).toEqual({ node_id: 'ben', display: 'ben', role: 'moderator', present: true });
    expect(membersTogether(all.slice(0, 1))[0]?.shown.invited).toBe(true);
  });
});

describe('recipients as people', () => {
  it('have a message with the first device that has it', () => {
    const recipients = [to('ben', 'stored'), to('tablet', 'delivered', { of: of('ben') }), to('cleo', 'sent')];
    expect(recipientsTogether(recipients).map(({ shown, nodes }) => [shown.node_id, shown.state, nodes.length])).toEqual([
      ['tablet', 'delivered', 2],
      ['cleo', 'sent', 1],
    ]);
  });

  it('are failed only with all devices, and never one of this user', () => {
    const recipients = [to('ben', 'failed'), to('tablet', 'waiting', { of: of('ben') }), to('mine', 'stored', { own: true })];
    expect(recipientsTogether(recipients).map(({ shown }) => shown.state)).toEqual(['waiting']);
  });

  it('do not have what a revoked device of theirs has', () => {
    const recipients = [to('ben', 'stored'), to('lost', 'delivered', { of: of('ben', true) })];
    expect(recipientsTogether(recipients).map(({ shown }) => shown.state)).toEqual(['stored', 'delivered']);
  });
});
