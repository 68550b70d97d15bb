import { VirtualClock } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { Scope } from '../util/scope.ts';
import { type Report, Reports } from './reports.ts';
import { MAX_ALSO, MAX_RECIPIENTS } from './verbs.ts';

function lab() {
  const clock = new VirtualClock();
  const scope = new Scope(clock);
  const sent: { at: number; verb: string; origin: unknown; ids: unknown[]; recipients: unknown[]; what: unknown }[] = [];
  const reports = new Reports(scope, 2000, ({ verb, data }: Report) => {
    const recipients = (data.recipient as { node_id: string }[]).map((entry) => entry.node_id);
    const ids = [data.msg_id, ...((data.also as string[] | undefined) ?? [])];
    sent.push({ at: clock.monotonic(), verb, origin: data.recipient_id, ids, recipients, what: data.state ?? data.reason });
  });
  return { clock, scope, reports, sent };
}

describe('reports', () => {
  it('go at once for the first, and together for what follows within the time', async () => {
    const { clock, reports, sent } = lab();
    reports.receipt('o', 'r', 'm1', 'delivered');
    await clock.advance(100);
    reports.receipt('o', 'r', 'm2', 'delivered');
    reports.receipt('o', 'r', 'm3', 'delivered');
    await clock.advance(5000);
    expect(sent).toEqual([
      { at: 0, verb: 'RECEIPT', origin: 'o', ids: ['m1'], recipients: ['r'], what: 'delivered' },
      { at: 2000, verb: 'RECEIPT', origin: 'o', ids: ['m2', 'm3'], recipients: ['r'], what: 'delivered' },
    ]);
    // Quiet for a while: the next goes at once again.
    reports.receipt('o', 'r', 'm4', 'delivered');
    await clock.advance(0);
    expect(sent.at(-1)).toMatchObject({ at: 5100, ids: ['m4'] });
  });

  it('go at once again after a single one that had to wait, and not after several', async () => {
    const { clock, reports, sent } = lab();
    const at = async (ms: number, ...ids: string[]): Promise<void> => {
      await clock.advance(ms - clock.monotonic());
      for (const id of ids) reports.receipt('o', 'r', id, 'delivered');
    };
    await at(0, 'm1');
    await at(300, 'm2');
    await at(2300, 'm3');
    await at(3000, 'm4', 'm5');
    await at(4500, 'm6');
    await clock.advance(10_000);
    expect(sent.map(({ at: when, ids }) => `${when} ${ids.join()}`)).toEqual(['0 m1', '2000 m2', '2300 m3', '4300 m4,m5', '6300 m6']);
  });

  it('for many recipients of a message are one', async () => {
    const { clock, reports, sent } = lab();
    for (const recipient of ['c', 'a', 'b']) for (const id of ['m1', 'm2']) reports.nack('o', recipient, id, 'why');
    reports.nack('o', 'a', 'm3', 'why');
    await clock.advance(0);
    expect(sent).toEqual([
      { at: 0, verb: 'NACK', origin: 'o', ids: ['m1', 'm2'], recipients: ['a', 'b', 'c'], what: 'why' },
      { at: 0, verb: 'NACK', origin: 'o', ids: ['m3'], recipients: ['a'], what: 'why' },
    ]);
  });

  it('for more recipients of a message than a verb allows are several', async () => {
    const { clock, reports, sent } = lab();
    // Two copies of one message, altered by a stranger, with a full list each.
    const all = Array.from({ length: 2 * MAX_RECIPIENTS }, (_, i) => `r${String(i).padStart(4, '0')}`);
    for (const recipient of all) reports.nack('o', recipient, 'm', 'why');
    await clock.advance(0);
    expect(sent.flatMap(({ recipients }) => recipients)).toEqual(all);
    for (const { recipients } of sent) expect(recipients.length).toBeLessThanOrEqual(MAX_RECIPIENTS);
  });

  it('of different outcomes and origins do not mix', async () => {
    const { clock, reports, sent } = lab();
    reports.receipt('o', 'r', 'm', 'stored');
    reports.receipt('o', 'r', 'm', 'delivered');
    reports.nack('o', 'r', 'm', 'ttl');
    reports.receipt('p', 'r', 'm', 'stored');
    await clock.advance(0);
    expect(sent.map(({ origin, what }) => `${origin} ${what}`)).toEqual(['o stored', 'o delivered', 'o ttl', 'p stored']);
  });

  it('name no more messages at once than a verb allows', async () => {
    const { clock, reports, sent } = lab();
    for (let i = 0; i < 1000; i++) reports.receipt('o', 'r', `m${i}`, 'delivered');
    await clock.advance(3000);
    expect(sent.flatMap(({ ids }) => ids)).toEqual(Array.from({ length: 1000 }, (_, i) => `m${i}`));
    for (const { ids } of sent) expect(ids.length).toBeLessThanOrEqual(MAX_ALSO + 1);
    expect(sent.length).toBe(4);
  });

  it('to very many origins stay bounded, and none is lost', async () => {
    const { clock, scope, reports, sent } = lab();
    for (let i = 0; i < 12_000; i++) reports.receipt(`o${i}`, 'r', 'm', 'delivered');
    expect(scope.pending).toBe(10_000);
    await clock.advance(0);
    expect(new Set(sent.map(({ origin }) => origin)).size).toBe(12_000);
    await clock.advance(10_000);
    expect(scope.pending).toBe(0);
  });

  it('end with their scope', async () => {
    const { clock, scope, reports, sent } = lab();
    reports.receipt('o', 'r', 'm', 'delivered');
    await scope.close();
    await clock.advance(5000);
    expect(sent).toEqual([]);
    expect(scope.pending).toBe(0);
  });
});
