/** `npm run build`: dependencies when missing or changed, then every project that is out of date. */
import { ensureBuilt, ensureDependencies, exitWith } from './lib/prepare.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt();
});
