import type { Files } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

export interface FilesLab {
  /** The same files again, as another process finds them. */
  open(): Files;
  /** Puts a file of the user's somewhere; its path. */
  place(bytes: Uint8Array): Promise<string>;
  /** A path at which nothing is. */
  readonly nowhere: string;
  teardown(): Promise<void>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const plain = (value: Uint8Array): number[] => [...value];

/** What every implementation of the port `Files` keeps. */
export function filesContract(name: string, setup: () => Promise<FilesLab>): void {
  describe(`files: ${name}`, () => {
    let lab: FilesLab;
    beforeEach(async () => {
      lab = await setup();
    });
    afterEach(() => lab.teardown());

    it('are written and read anywhere, and there for another process', async () => {
      const file = await lab.open().create('ab12');
      await file.write(4, bytes(5, 6, 7));
      await file.write(0, bytes(1, 2));
      await file.write(1, bytes(9));
      await file.sync();
      expect(await file.size()).toBe(7);
      await file.close();
      const again = await lab.open().open('ab12');
      expect(plain(await again.read(0, 100))).toEqual([1, 9, 0, 0, 5, 6, 7]);
      expect(plain(await again.read(5, 1))).toEqual([6]);
      expect(plain(await again.read(7, 10))).toEqual([]);
      await again.write(7, bytes(8));
      expect(await again.size()).toBe(8);
      await again.close();
    });

    it('gives bytes that are the reader’s own', async () => {
      const file = await lab.open().create('a');
      await file.write(0, bytes(1, 2, 3));
      const read = await file.read(0, 3);
      read.fill(9);
      expect(plain(await file.read(0, 3))).toEqual([1, 2, 3]);
      await file.close();
    });

    it('are made once, and known by name', async () => {
      const files = lab.open();
      expect(await files.list()).toEqual([]);
      const file = await files.create('a.list');
      await file.write(0, bytes(1));
      await file.close();
      await expect(files.create('a.list')).rejects.toMatchObject({ code: 'conflict' });
      await expect(files.open('b')).rejects.toMatchObject({ code: 'not-found' });
      expect(await files.list()).toEqual([{ name: 'a.list', size: 1 }]);
      await files.remove('a.list');
      await files.remove('a.list');
      expect(await files.list()).toEqual([]);
      expect(await files.free()).toBeGreaterThan(0);
    });

    it('of the user are read where they are, and known when they were changed', async () => {
      const path = await lab.place(bytes(1, 2, 3, 4));
      const files = lab.open();
      const first = await files.outside(path);
      expect(path.endsWith(first.name)).toBe(true);
      expect(first.size).toBe(4);
      expect(plain(await first.read(1, 10))).toEqual([2, 3, 4]);
      await first.close();
      const same = await files.outside(path);
      expect(same.stamp).toBe(first.stamp);
      await same.close();
      await lab.place(bytes(4, 3, 2, 1));
      const other = await files.outside(path);
      expect(other.stamp).not.toBe(first.stamp);
      await other.close();
      await expect(files.outside(lab.nowhere)).rejects.toMatchObject({ code: 'not-found' });
    });
  });
}
