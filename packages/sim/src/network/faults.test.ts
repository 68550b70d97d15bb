import type { Connection } from '@parley/core';
import { MemoryNetwork, Recorder, SeededRandom, VirtualClock } from '@parley/sim';
import fc from 'fast-check';
import { expect, it } from 'vitest';

type Step = (world: { network: MemoryNetwork; ends: [Recorder, Recorder]; sent: [string[], string[]] }) => void;

const side = fc.constantFrom(0 as const, 1 as const);

function send(from: 0 | 1, count: number): Step {
  return ({ ends, sent }) => {
    for (let i = 0; i < count; i++) {
      if (ends[from].ended) return;
      const text = `${sent[from].length}`;
      sent[from].push(text);
      ends[from].connection.send(text);
    }
  };
}

const gentle: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(side, fc.integer({ min: 1, max: 20 })).map(([from, count]) => send(from, count)) },
  fc.record({ latencyMs: fc.nat(300), jitterMs: fc.nat(100), loss: fc.constantFrom(0, 0.1, 0.5, 1) }).map((conditions): Step => {
    return ({ network }) => network.set(conditions);
  }),
  fc.constantFrom(100, 5000, Number.POSITIVE_INFINITY).map(
    (bytesPerSecond): Step =>
      ({ network }) =>
        network.set({ bytesPerSecond }),
  ),
  fc.constant<Step>(({ network }) => network.partition([['a']])),
  fc.constant<Step>(({ network }) => network.heal()),
  fc.boolean().map(
    (blocked): Step =>
      ({ network }) =>
        network.oneWay('a', 'b', { blocked }),
  ),
  side.map(
    (who): Step =>
      ({ ends }) =>
        ends[who].connection.pause(),
  ),
  side.map(
    (who): Step =>
      ({ ends }) =>
        ends[who].connection.resume(),
  ),
);
const harsh: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: gentle },
  side.map(
    (who): Step =>
      ({ ends }) =>
        ends[who].connection.close(),
  ),
  side.map(
    (who): Step =>
      ({ ends }) =>
        ends[who].connection.destroy(),
  ),
  fc.boolean().map(
    (silent): Step =>
      ({ network }) =>
        void network.breakConnections('a', 'b', { silent }),
  ),
  fc.boolean().map(
    (silent): Step =>
      ({ network }) =>
        network.crash('b', { silent }),
  ),
  fc.constant<Step>(({ network }) => network.restart('b')),
);

async function play(plan: readonly { step: Step; thenMs: number }[]) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork({ clock, random: new SeededRandom(1), conditions: { latencyMs: 5 }, config: { windowBytes: 64 } });
  const accepted: Connection[] = [];
  await network.transport('b').listen('b:1', (connection) => accepted.push(connection));
  const a = Recorder.attach(await clock.until(network.transport('a').dial('b:1', new AbortController().signal)));
  await clock.runUntil(() => accepted.length === 1);
  const b = Recorder.attach(accepted[0] as Connection);
  const world = { network, ends: [a, b] as [Recorder, Recorder], sent: [[], []] as [string[], string[]] };
  for (const { step, thenMs } of plan) {
    step(world);
    await clock.advance(thenMs);
  }
  network.heal();
  network.resetBetween('a', 'b');
  network.set({ latencyMs: 5, jitterMs: 0, loss: 0, bytesPerSecond: Number.POSITIVE_INFINITY });
  for (const end of world.ends) end.connection.resume();
  await clock.advance(120_000);
  return { ...world, clock };
}

const plan = (step: fc.Arbitrary<Step>, maxMs: number) => fc.array(fc.record({ step, thenMs: fc.nat(maxMs) }), { maxLength: 30 });

it('whatever happens, a stream delivers a beginning of what was sent, in order, and ends once', async () => {
  await fc.assert(
    fc.asyncProperty(plan(harsh, 20_000), async (steps) => {
      const { ends, sent, clock } = await play(steps);
      for (const who of [0, 1] as const) {
        const got = ends[1 - who]?.messages ?? [];
        expect(got).toEqual(sent[who].slice(0, got.length));
        expect(ends[who].closings).toBeLessThanOrEqual(1);
        expect(ends[who].late).toBe(0);
      }
      for (const end of ends) end.connection.destroy();
      await clock.advance(120_000);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});

it('as long as no outage lasts, nothing is lost', async () => {
  await fc.assert(
    fc.asyncProperty(plan(gentle, 300), async (steps) => {
      const { ends, sent } = await play(steps);
      expect(ends.map((end) => end.ended)).toEqual([false, false]);
      expect(ends.map((end) => end.messages)).toEqual([sent[1], sent[0]]);
      expect(ends.map((end) => end.connection.queued)).toEqual([0, 0]);
    }),
    { numRuns: 200 },
  );
});
