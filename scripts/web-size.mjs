// Prints what the first visit to the web app loads, after gzip. Exit code 1 when it is more than it may be.
import { join } from 'node:path';
import { ROOT } from './lib/root.mjs';
import { FIRST_LOAD_LIMIT, firstLoad } from './lib/web-size.mjs';

const files = firstLoad(join(ROOT, 'packages/web/dist'));
const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
for (const { file, bytes } of files.toSorted((a, b) => b.bytes - a.bytes))
  console.log(`${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB  in all, of ${FIRST_LOAD_LIMIT / 1000}`);
process.exitCode = total > FIRST_LOAD_LIMIT ? 1 : 0;
