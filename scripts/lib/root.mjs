import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Work files of the scripts: locks and reports. Never committed. */
export const CACHE = join(ROOT, '.cache');
