/** `npm run build`: dependencies when missing or changed, then every project that is out of date, then the web app. */
import { ensureBuilt, ensureDependencies, ensureWebBuilt, exitWith } from './lib/prepare.mjs';

await exitWith(async () => {
  await ensureDependencies();
  await ensureBuilt();
  await ensureWebBuilt();
});
