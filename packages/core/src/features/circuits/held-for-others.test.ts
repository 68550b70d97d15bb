import { describe, expect, it } from 'vitest';
import type { OverlayEvents } from '../../overlay/index.ts';
import { Emitter } from '../../util/events.ts';
import { HeldForOthers } from './held-for-others.ts';

function room(limits: { maxHeld?: number; maxHeldBytes?: number; maxHeldPerRecipient?: number }) {
  const events = new Emitter<OverlayEvents>();
  const withdrawn: string[] = [];
  const held = new HeldForOthers(
    { events, withdraw: (msgId) => void withdrawn.push(msgId) },
    { maxHeld: 10, maxHeldBytes: 1000, maxHeldPerRecipient: 10, ...limits },
  );
  held.start();
  return { held, events, withdrawn };
}

describe('the room of a last hop', () => {
  it('gives up the oldest for the newest, by number and by bytes', () => {
    const { held, withdrawn } = room({ maxHeld: 3 });
    for (const id of ['a', 'b', 'c', 'd']) expect(held.admit(id, `for ${id}`, 100)).toBe(true);
    expect(withdrawn).toEqual(['a']);
    expect(held.admit('large', 'x', 900)).toBe(true);
    expect(withdrawn).toEqual(['a', 'b', 'c']);
    expect([held.has('d'), held.has('large'), held.size]).toEqual([true, true, 2]);
  });

  it('gives one recipient no more than its share, and has it back when something has ended', () => {
    const { held, events } = room({ maxHeldPerRecipient: 2 });
    expect([1, 2, 3].map((id) => held.admit(`${id}`, 'ben', 1))).toEqual([true, true, false]);
    for (const state of ['sent', 'stored', 'waiting'] as const) events.emit('delivery', { msgId: '1', recipient: 'ben', state });
    expect(held.admit('3', 'ben', 1)).toBe(false);
    events.emit('delivery', { msgId: '1', recipient: 'ben', state: 'delivered' });
    expect(held.admit('3', 'ben', 1)).toBe(true);
    held.release('2');
    expect(held.admit('4', 'ben', 1)).toBe(true);
    expect(held.size).toBe(2);
  });
});
