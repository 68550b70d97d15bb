import type { TabStatus } from '@parley/browser';
import { describe, expect, it } from 'vitest';
import { inert } from '../chat/plain.ts';
import { dayWords } from '../ui/time.ts';
import { aboutWords, deliverySummary, devicesWords, durationWords, isTurnedDown, nameParts, needsWords, recipientWords } from './words.ts';

describe('words', () => {
  it('say where a message stands', () => {
    const to = (...states: ('delivered' | 'stored' | 'failed')[]) =>
      states.map((state, index) => ({ node_id: `${index}`, display: 'x', state }));
    expect(deliverySummary({ state: 'delivered', recipients: to('delivered', 'delivered') })).toBe('Delivered');
    expect(deliverySummary({ state: 'stored', recipients: to('delivered', 'stored') })).toBe('Delivered to 1 of 2');
    expect(deliverySummary({ state: 'stored', recipients: to('stored', 'stored') })).toBe('Stored');
    expect(deliverySummary({ state: 'failed', recipients: to('delivered', 'failed') })).toBe('Failed for 1 of 2');
  });

  it('count people, and not their devices', () => {
    const of = { key: 'key_ben', node_id: 'ben', device: 'Tablet' };
    const [ben, tablet] = [
      { node_id: 'ben', display: 'ben', state: 'stored' as const },
      { node_id: 'tablet', display: 'ben', state: 'delivered' as const, of },
    ];
    const cleo = { node_id: 'cleo', display: 'cleo', state: 'stored' as const };
    expect(deliverySummary({ state: 'delivered', recipients: [ben, tablet] })).toBe('Delivered');
    expect(deliverySummary({ state: 'stored', recipients: [ben, tablet, cleo] })).toBe('Delivered to 1 of 2');
    const mine = { ...tablet, own: true };
    expect(deliverySummary({ state: 'delivered', recipients: [mine] })).toBe('Kept. Nobody else was in this channel then');
    expect(aboutWords(false, 'owner', devicesWords(2))).toBe('owner, 2 devices');
    expect(devicesWords(1)).toBe(false);
  });

  it('say in plain words when a server does not do with a message what it should', () => {
    const to = (state: 'waiting' | 'sent' | 'delivered', reason?: string) => ({
      node_id: state,
      display: 'x',
      state,
      ...(reason === undefined ? {} : { reason }),
    });
    expect(recipientWords(to('waiting', 'no path'))).toBe('waiting for a way to them');
    expect(recipientWords(to('waiting', 'no ack'))).toMatch(/server does not confirm .* tried again/);
    expect(recipientWords(to('sent', 'no receipt'))).toMatch(/on its way: nobody has confirmed .* sent again/);
    expect(recipientWords(to('waiting', 'not-a-relay'))).toBe('waiting for a way to them: not a relay');
    const silent = { state: 'sending' as const, recipients: [to('waiting', 'no ack')] };
    const dropped = { state: 'sent' as const, recipients: [to('delivered'), to('sent', 'no receipt')] };
    expect([deliverySummary(silent), deliverySummary(dropped)]).toEqual([
      'Sending, but the server does not confirm it',
      'Sent, but not confirmed by 1 of 2',
    ]);
    expect([silent, dropped].map(needsWords)).toEqual([true, true]);
    expect(needsWords({ state: 'sending', recipients: [to('waiting', 'no path')] })).toBe(false);
    // Nothing is wrong with a server here, but nothing goes out either.
    const hidden = { state: 'sending' as const, recipients: [to('waiting', 'no circuit')] };
    expect([deliverySummary(hidden), needsWords(hidden)]).toEqual(['Waiting for a circuit', true]);
    expect(recipientWords(to('waiting', 'no circuit'))).toMatch(/^waiting for a circuit: the settings say why/);
  });

  it('say how long', () => {
    expect([durationWords(-45_000), durationWords(600_000), durationWords(90_000_000)]).toEqual(['45 seconds', '10 minutes', '25 hours']);
  });

  it('say which day', () => {
    const now = new Date(2026, 2, 3, 9);
    expect([dayWords('2026-03-03', now), dayWords('2026-03-02', now)]).toEqual(['Today', 'Yesterday']);
    expect(dayWords('2024-03-03', now)).toContain('2024');
  });

  it('have nothing in them that acts', () => {
    expect(inert('a\u202eb')).toBe('a[U+202E]b');
  });

  it('tell of a closed network, and of no other fault', () => {
    const server = { url: 'ws://a/link', state: 'waiting' } as const;
    const of = (error: string): TabStatus => ({ links: [], servers: [{ ...server, error }] }) as unknown as TabStatus;
    expect(isTurnedDown(of('the other side refused: this network admits only nodes with a certificate of its authority'))).toBe(true);
    expect(isTurnedDown(of('the connection was lost (1006)'))).toBe(false);
    expect(isTurnedDown(undefined)).toBe(false);
  });
});

it.each([
  [{ name: 'anna', display: 'anna#27ed' }, 'anna', '#27ed'],
  [{ name: 'anna', display: 'Anni' }, 'Anni', ''],
  [{ name: 'anna', display: 'Anna #1' }, 'Anna #1', ''],
  [{ display: '55d7583e52' }, '55d7583e52', ''],
])('shows %j as %j with the digits %j', (person, name, digits) => {
  expect(nameParts(person)).toEqual({ name, digits });
});
