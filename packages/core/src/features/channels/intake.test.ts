import { VirtualClock } from '@parley/sim';
import { expect, it } from 'vitest';
import { channelDefaults } from './config.ts';
import { Holdings } from './holdings.ts';
import { Intake, type IntakeDeps } from './intake.ts';
import type { ChannelMessage } from './message.ts';

it('of a channel that many authors fill faster than it can be emptied no more is taken for now', async () => {
  const limits = { ...channelDefaults, channelMessages: 4000, channelBytes: 1_000_000 };
  const holdings = new Holdings();
  const deps = {
    ports: { clock: new VirtualClock(), log: { error: () => {} } },
    unread: { open: async () => {}, writes: () => [] },
    history: { held: async () => holdings, oldest: async () => [], writes: () => [] },
    attachments: { take: () => ({ bytes: 0, writes: [], settled: () => {} }) },
    membership: { directory: { get: () => ({ id: 'c', kind: 'public', joined: true }), members: () => [] } },
    isOwn: () => false,
  };
  const intake = new Intake(deps as unknown as IntakeDeps, limits);
  await intake.open('c');
  const from = (sender: string): ChannelMessage => ({
    ...{ channelId: 'c', sender, keyId: sender, msgId: sender, seq: 1, timestamp: 0, text: 'x', attachments: [] },
  });
  const verdicts = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const { verdict } = await intake.admit(from(`n${i}`), 'signed', {});
    verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
  }
  expect(verdicts.get('later')).toBeGreaterThan(900);
  expect(holdings.messages).toBeLessThan(5100);
  // Once there is room it goes on.
  for (let i = 0; i < 200; i++) holdings.untake(`n${i}`, 1, 'signed'.length);
  expect(await intake.admit(from('late'), 'signed', {})).toMatchObject({ verdict: 'accept' });
});
