import { describe, expect, it } from 'vitest';
import type { OverlayEvents } from '../../overlay/index.ts';
import { Emitter } from '../../util/events.ts';
import { HeldForOthers } from './held-for-others.ts';

function room(limits: { maxHeld?: number; maxHeldBytes?: number; maxHeldPerRecipient?: number }) {
  const events = new Emitter<OverlayEvents>();
  const withdrawn: string[] = [];
  const place = new HeldForOthers(
    { events, withdraw: (msgId) => void withdrawn.push(msgId) },
    { maxHeld: 10, maxHeldBytes: 1000, maxHeldPerRecipient: 10, ...limits },
  );
  place.start();
  return { room: place, events, withdrawn };
}

const held = (recipient: string, bytes: number, receipts = true) => ({ recipient, bytes, receipts });

describe('the room of a last hop', () => {
  it('gives up the oldest for the newest, by number and by bytes', () => {
    const { room: all, withdrawn } = room({ maxHeld: 3 });
    for (const id of ['a', 'b', 'c', 'd']) expect(all.admit(id, held(`for ${id}`, 100))).toBe(true);
    expect(withdrawn).toEqual(['a']);
    expect(all.admit('large', held('x', 900))).toBe(true);
    expect(withdrawn).toEqual(['a', 'b', 'c']);
    expect([all.recipientOf('c'), all.recipientOf('d'), all.recipientOf('large'), all.size]).toEqual([undefined, 'for d', 'x', 2]);
  });

  it('gives one recipient no more than its share, and has it back when something has ended', () => {
    const { room: all, events } = room({ maxHeldPerRecipient: 2 });
    expect([1, 2, 3].map((id) => all.admit(`${id}`, held('ben', 1)))).toEqual([true, true, false]);
    for (const state of ['sent', 'stored', 'waiting'] as const) events.emit('delivery', { msgId: '1', recipient: 'ben', state });
    expect(all.admit('3', held('ben', 1))).toBe(false);
    events.emit('delivery', { msgId: '1', recipient: 'ben', state: 'delivered' });
    expect(all.admit('3', held('ben', 1))).toBe(true);
    all.release('2');
    expect(all.admit('4', held('ben', 1))).toBe(true);
    expect(all.size).toBe(2);
  });

  it('keeps what is never receipted until the next node has it, and no longer', () => {
    const { room: all, events } = room({});
    all.admit('1', held('ben', 1, false));
    events.emit('delivery', { msgId: '1', recipient: 'ben', state: 'waiting' });
    expect(all.size).toBe(1);
    events.emit('delivery', { msgId: '1', recipient: 'ben', state: 'sent' });
    expect(all.size).toBe(0);
  });
});
