import { randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

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
