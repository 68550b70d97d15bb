/** What somebody looks like, from their id: the same everywhere, and different for those who share a name. */
export interface Identicon {
  /** One of so many colours, that are chosen to be readable. */
  readonly hue: number;
  /** Filled cells of a 5 by 5 grid, left and right alike. */
  readonly cells: readonly (readonly [x: number, y: number])[];
}

export const HUES = 10;
const SIZE = 5;

/** FNV-1a: evenly spread, and the same everywhere; nothing depends on it being hard to invert. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return value >>> 0;
}

export function identicon(id: string): Identicon {
  const bits = hash(`${id} cells`);
  const cells: [number, number][] = [];
  for (let y = 0; y < SIZE; y += 1) {
    for (let x = 0; x <= SIZE >> 1; x += 1) {
      if (((bits >>> (y * 3 + x)) & 1) === 0) continue;
      cells.push([x, y]);
      if (x !== SIZE - 1 - x) cells.push([SIZE - 1 - x, y]);
    }
  }
  return { hue: hash(id) % HUES, cells };
}
