import { defineBench } from '../lib/bench.ts';
import { type HistoryRoles, queriesFor } from './roles.ts';

const MESSAGES = 100_000;

/** What people wait for: a long conversation that is opened, and a search in everything. */
export const history = defineBench<HistoryRoles>({
  name: 'history',
  unit: 'ms',
  better: 'less',
  layouts: ['open-100000', 'search-1000000'],
  alsoCompared: { slowest_ms: 'less' },
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyHistory },
    { name: 'bare sqlite', standing: 'limit', load: async () => (await import('./bare.ts')).bareHistory },
  ],
  async measure(launcher, layout, { quick }) {
    const conversations = layout === 'open-100000' ? 1 : 10;
    const messages = quick ? MESSAGES / 10 : MESSAGES;
    const writer = await launcher.start('writer');
    const place = await writer.write(conversations, messages);
    const reader = await launcher.start('reader');
    await reader.open(place);
    const times = conversations === 1 ? await reader.latest(1) : await reader.search(queriesFor(conversations * messages));
    await reader.close();
    return { value: times.median, also: { slowest_ms: times.slowest } };
  },
});
