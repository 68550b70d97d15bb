import { fromHex } from '../../util/bytes.ts';
import { isGuid } from '../../util/guid.ts';

/** Bytes of a node id: the GUID without its hyphens. Distances are XOR over them (S3, S4). */
export const ID_BYTES = 16;
export const ID_BITS = 8 * ID_BYTES;

/** The 16 bytes of a node id; undefined when the text is not a GUID. */
export function idOf(nodeId: string): Uint8Array | undefined {
  return isGuid(nodeId) ? fromHex(nodeId.replaceAll('-', '')) : undefined;
}

/** Below 0 when `a` is nearer to the target than `b`, above 0 when further, 0 when they are the same id. */
export function compareDistance(target: Uint8Array, a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const x = a[i] as number;
    const y = b[i] as number;
    if (x !== y) return (x ^ (target[i] as number)) - (y ^ (target[i] as number));
  }
  return 0;
}

/** How many leading bits two ids have in common: 0 to 128. */
export function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < ID_BYTES; i++) {
    const different = (a[i] as number) ^ (b[i] as number);
    if (different !== 0) return 8 * i + Math.clz32(different) - 24;
  }
  return ID_BITS;
}

/** Whether two ids differ in a bit, counted from the first. */
export function differ(a: Uint8Array, b: Uint8Array, bit: number): boolean {
  return ((((a[bit >> 3] as number) ^ (b[bit >> 3] as number)) >> (7 - (bit & 7))) & 1) !== 0;
}

/** An id that has exactly so many leading bits in common with `self` (0 to 127); the rest is taken from `random`, 16 bytes. */
export function idInBucket(self: Uint8Array, prefix: number, random: Uint8Array): Uint8Array<ArrayBuffer> {
  const id = new Uint8Array(random.subarray(0, ID_BYTES));
  for (let bit = 0; bit <= prefix; bit++) {
    const [byte, mask] = [bit >> 3, 0x80 >> (bit & 7)];
    const own = ((self[byte] as number) & mask) !== 0;
    const wanted = bit < prefix ? own : !own;
    id[byte] = wanted ? (id[byte] as number) | mask : (id[byte] as number) & ~mask;
  }
  return id;
}
