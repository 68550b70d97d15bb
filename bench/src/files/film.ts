import { randomFillSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes when the process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file of bytes that nothing compresses, in the page cache and on disk: nobody pays for its writing later. */
export async function makeFilm(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  const block = Buffer.allocUnsafe(1024 * 1024);
  for (let at = 0; at < bytes; at += block.length) {
    randomFillSync(block);
    await file.write(block, 0, Math.min(block.length, bytes - at));
  }
  await file.sync();
  await file.close();
}
