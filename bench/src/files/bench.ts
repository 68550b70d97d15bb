import { defineBench } from '../lib/bench.ts';
import type { FileRoles } from './roles.ts';

const mib = 1024 * 1024;

export const files = defineBench<FileRoles>({
  name: 'files',
  unit: 'MB/s',
  better: 'more',
  layouts: ['giver-and-taker'],
  alsoCompared: { cpu_s: 'less' },
  subjects: [
    { name: 'parley', standing: 'parley', load: async () => (await import('./parley.ts')).parleyFiles },
    { name: 'bare loop', standing: 'limit', load: async () => (await import('./bare.ts')).bareFiles },
  ],
  async measure(launcher, _, { quick }) {
    const bytes = (quick ? 128 : 512) * mib;
    const [giver, taker] = await Promise.all([launcher.start('giver'), launcher.start('taker')]);
    await taker.connect(await giver.listen(bytes));
    const prepared = await giver.prepare();
    await taker.ready(bytes);
    await giver.begin();
    const taken = await taker.take();
    const given = await giver.done();
    return {
      value: bytes / 1e6 / ((taken.at - taken.from) / 1000),
      also: {
        cpu_s: given.cpuSeconds + taken.cpuSeconds,
        giver_cpu_s: given.cpuSeconds,
        taker_cpu_s: taken.cpuSeconds,
        prepare_s: prepared / 1000,
        giver_peak_mib: given.peakBytes / mib,
        taker_peak_mib: taken.peakBytes / mib,
      },
    };
  },
});
