import { benches } from './benches.ts';
import { endWithRunner, fail, play } from './lib/role.ts';

/** The process of one role: `child BENCH SUBJECT ROLE`. */
const [benchName, subject, role] = process.argv.slice(2);
endWithRunner();
try {
  const bench = benches.find((each) => each.name === benchName);
  if (bench === undefined || subject === undefined || role === undefined) throw new RangeError('usage: child BENCH SUBJECT ROLE');
  play(await bench.role(subject, role));
} catch (error) {
  fail(error);
}
