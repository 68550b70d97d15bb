import { describe, expect, it } from 'vitest';
import { CertificateShelf } from './shelf.ts';

const known = (nodeId: string) => ({ nodeId, keyId: `key_${nodeId}`, name: nodeId });

describe('CertificateShelf', () => {
  it('gives up the stranger that was not used for longest', () => {
    const shelf = new CertificateShelf(3, (nodeId) => nodeId.startsWith('friend'));
    expect(['friend', 'a', 'b'].flatMap((nodeId) => shelf.put(known(nodeId), 1))).toEqual([]);
    expect(shelf.use('a', 2)).toEqual(known('a'));
    expect(shelf.put(known('c'), 3)).toEqual(['b']);
    expect(shelf.put(known('d'), 4)).toEqual(['a']);
    expect(shelf.peek('friend')).toBeDefined();
  });

  it('gives up friends where there is nobody else, and never holds more than it may', () => {
    const shelf = new CertificateShelf(200, (nodeId) => nodeId.startsWith('friend'));
    const gone = Array.from({ length: 500 }, (_, i) => shelf.put(known(`friend ${i}`), i)).flat();
    expect(gone.length).toBe(300);
    expect(shelf.size).toBe(200);
    expect(shelf.peek('friend 499')).toBeDefined();
  });

  it('finds strangers behind many friends', () => {
    const shelf = new CertificateShelf(300, (nodeId) => nodeId.startsWith('friend'));
    for (let i = 0; i < 250; i++) shelf.put(known(`friend ${i}`), i);
    const gone = Array.from({ length: 300 }, (_, i) => shelf.put(known(`stranger ${i}`), i)).flat();
    expect(gone.filter((nodeId) => nodeId.startsWith('friend')).length).toBeLessThan(10);
  });

  it('tells which uses are to be written, once', () => {
    const shelf = new CertificateShelf(3, () => false);
    shelf.put(known('a'), 0);
    shelf.put(known('b'), 0);
    shelf.use('a', 50);
    expect(shelf.takeUses(100)).toEqual([]);
    shelf.use('a', 100);
    expect(shelf.takeUses(100)).toEqual([{ known: known('a'), used: 100 }]);
    expect(shelf.takeUses(100)).toEqual([]);
  });
});
