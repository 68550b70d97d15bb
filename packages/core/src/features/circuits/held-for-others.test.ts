import { describe, expect, it } from 'vitest';
import type { OverlayEvents } from '../../overlay/index.ts';
import { Emitter } from '../../util/events.ts';
import { HeldForOthers } from './held-for-others.ts';

function room(limits: { maxHeld?: number; maxHeldBytes?: number; maxHeldPerRecipient?: number }, before: readonly string[] = []) {
  const there = new Set<string>();
  const forOthers = () => before.map((msgId) => ({ msgId, recipients: ['ben'], bytes: 100, receipts: true }));
  const clock = { now: 0, monotonic: () => clock.now };
  const events = new Emitter<OverlayEvents>();
  const withdrawn: string[] = [];
  const released: string[] = [];
  const place = new HeldForOthers(
    { overlay: { forOthers, events, withdraw: (msgId) => void withdrawn.push(msgId), reaches: (nodeId) => there.has(nodeId) }, clock },
    { maxHeld: 10, maxHeldBytes: 1000, maxHeldPerRecipient: 10, unreceiptedMs: 100, ...limits },
    (msgId) => void released.push(msgId),
  );
  place.start();
  return { room: place, events, withdrawn, released, there, clock };
}

const held = (recipient: string, bytes: number, receipts = true) => ({ recipient, bytes, receipts });

describe('the room of a last hop', () => {
  it('gives up the oldest for the newest, by number and by bytes', () => {
    const { room: all, withdrawn, released } = room({ maxHeld: 3 });
    for (const id of ['a', 'b', 'c', 'd']) all.admit(id, held(`for ${id}`, 100));
    expect(withdrawn).toEqual(['a']);
    all.admit('large', held('x', 900));
    expect(withdrawn).toEqual(['a', 'b', 'c']);
    expect(released).toEqual(withdrawn);
    expect([all.recipientOf('c'), all.recipientOf('d'), all.recipientOf('large'), all.size]).toEqual([undefined, 'for d', 'x', 2]);
  });

  it('gives one recipient no more than its share, in which its own oldest gives way, and has it back when something has ended', () => {
    const { room: all, events, withdrawn } = room({ maxHeldPerRecipient: 2 });
    all.admit('other', held('ann', 1));
    for (const id of ['1', '2', '3']) all.admit(id, held('ben', 1));
    expect(withdrawn).toEqual(['1']);
    for (const state of ['sent', 'stored', 'waiting'] as const) events.emit('delivery', { msgId: '2', recipient: 'ben', state });
    all.admit('4', held('ben', 1));
    expect(withdrawn).toEqual(['1', '2']);
    events.emit('delivery', { msgId: '3', recipient: 'ben', state: 'delivered' });
    all.admit('5', held('ben', 1));
    all.release('4');
    all.admit('6', held('ben', 1));
    expect(withdrawn).toEqual(['1', '2']);
    expect(all.size).toBe(3);
  });

  it('gives up what a recipient who is there has and does not answer, and waits for one who is away', () => {
    const { room: all, events, withdrawn, there, clock } = room({});
    for (const [id, recipient] of Object.entries({ 1: 'ben', 2: 'ben', 3: 'ann' })) all.admit(id, held(recipient, 1));
    there.add('ben');
    for (const [msgId, recipient] of Object.entries({ 1: 'ben', 3: 'ann' })) events.emit('delivery', { msgId, recipient, state: 'sent' });
    clock.now = 50;
    all.sweep();
    // Said again, it has no more time than it had.
    events.emit('delivery', { msgId: '1', recipient: 'ben', state: 'sent' });
    clock.now = 101;
    all.sweep();
    expect(withdrawn).toEqual(['1']);
    events.emit('delivery', { msgId: '2', recipient: 'ben', state: 'sent' });
    there.delete('ben');
    clock.now = 300;
    all.sweep();
    there.add('ben');
    all.sweep();
    expect(withdrawn).toEqual(['1']);
    expect(all.size).toBe(2);
  });

  it('begins with what it held before', () => {
    const { room: all, withdrawn } = room({ maxHeldPerRecipient: 2 }, ['1', '2', '3']);
    expect(withdrawn).toEqual(['1']);
    expect([all.recipientOf('2'), all.recipientOf('3'), all.size]).toEqual(['ben', 'ben', 2]);
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
