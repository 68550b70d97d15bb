import { createCrypto, createRandom } from '@parley/host';
import { VirtualClock } from '@parley/sim';
import { describe, expect, it } from 'vitest';
import { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import { type Contact, ContactBook } from './contacts.ts';
import { HandOver } from './handover.ts';
import type { StoredStatus } from './packets.ts';

const MINUTE = 60_000;

/** A server that holds so many records, all of which it would hand on; `answer` is what newcomers say. */
function holding(records: number, answer: () => StoredStatus | undefined) {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const random = createRandom();
  const book = new ContactBook(createCrypto(), clock);
  const given: string[] = [];
  const kept = Array.from({ length: records }, () => ({ id: random.bytes(16), bytes: new Uint8Array(0) }));
  const handOver = new HandOver({
    clock,
    metrics,
    scope: new Scope(clock),
    kept: () => kept,
    hands: () => true,
    give: async ({ nodeId }) => {
      given.push(nodeId);
      return answer();
    },
    failed: (error) => expect.fail(String(error)),
  });
  let count = 0;
  const contact = (): Contact => {
    const address = book.address(`10.0.${++count}.1:4000`);
    return book.of(random.bytes(32), address ?? expect.fail('no address'));
  };
  return { clock, metrics, handOver, given, contact };
}

describe('records that are handed over', () => {
  it('are given two seconds after somebody came, and again after half an hour at the earliest', async () => {
    const { clock, handOver, given, contact } = holding(300, () => 'stored');
    const newcomer = contact();
    handOver.newcomer(newcomer);
    await clock.advance(1999);
    expect(given).toHaveLength(0);
    await clock.advance(1000);
    expect(given).toHaveLength(300);
    handOver.newcomer(newcomer);
    await clock.advance(29 * MINUTE);
    expect(given).toHaveLength(300);
    await clock.advance(MINUTE);
    handOver.newcomer(newcomer);
    await clock.advance(MINUTE);
    expect(given).toHaveLength(600);
  });

  it('are a thousand at most', async () => {
    const { clock, handOver, given, contact } = holding(1500, () => 'same');
    handOver.newcomer(contact());
    await clock.advance(MINUTE);
    expect(given).toHaveLength(1000);
  });

  it.each([
    [undefined, 1],
    ['refused', 3],
    ['stale', 20],
  ] as const)('end where the answer is %s after %i', async (answer, count) => {
    const { clock, metrics, handOver, given, contact } = holding(20, () => answer);
    handOver.newcomer(contact());
    await clock.advance(MINUTE);
    expect(given).toHaveLength(count);
    expect(metrics.value('registry_handed', answer ?? 'unanswered')).toBe(count);
  });

  it('are given to one after the other, and to no more than wait', async () => {
    const { clock, metrics, handOver, given, contact } = holding(2, () => 'stored');
    const all = Array.from({ length: 70 }, contact);
    for (const each of all) handOver.newcomer(each);
    expect(metrics.value('rejections', 'registry-newcomers')).toBe(6);
    await clock.advance(MINUTE);
    expect(given).toEqual(all.slice(0, 64).flatMap(({ nodeId }) => [nodeId, nodeId]));
  });
});
