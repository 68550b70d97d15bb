import { describe, expect, it } from 'vitest';
import type { TabEvent } from '../parley.ts';
import { Audience, type Listener } from './audience.ts';

const TRAFFIC: TabEvent = { event: 'traffic', verb: 'MESSAGE', neighbour: 'n', incoming: true };
const STATUS: TabEvent = { event: 'status' };
const listener = (): Listener => () => {};

describe('who is told of events', () => {
  it('sees traffic where they have asked for it, and nobody is told of it otherwise', () => {
    let changes = 0;
    const audience = new Audience(() => changes++);
    const [plain, map] = [listener(), listener()];
    audience.subscribe(plain, false);
    expect([audience.wish, audience.seesTraffic]).toEqual([{ wanted: true, traffic: false }, false]);
    const end = audience.subscribe(map, true);
    expect(audience.seesTraffic).toBe(true);
    expect([audience.of(TRAFFIC), audience.of(STATUS)]).toEqual([[map], [plain, map]]);
    end();
    end();
    expect([audience.seesTraffic, audience.of(TRAFFIC), changes]).toEqual([false, [], 3]);
  });

  it('counts other tabs, so many at most, until they say otherwise or are forgotten', () => {
    const audience = new Audience(() => {});
    for (let tab = 0; tab < 100; tab++) audience.heard(String(tab), { wanted: true, traffic: tab === 3 || tab > 90 });
    expect([audience.hasTabs, audience.seesTraffic]).toEqual([true, true]);
    audience.heard('3', { wanted: true, traffic: false });
    expect(audience.seesTraffic).toBe(false);
    audience.heard('4', { wanted: false, traffic: false });
    audience.heard('99', { wanted: true, traffic: true });
    expect(audience.seesTraffic).toBe(true);
    audience.forgetTabs();
    expect([audience.hasTabs, audience.seesTraffic]).toEqual([false, false]);
  });
});
