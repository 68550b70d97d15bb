import { itemRows, type Look } from './item-rows.ts';
import type { Row } from './rows.ts';
import type { Anchor } from './state.ts';
import type { Item, Timeline } from './timeline.ts';

/** What of a timeline is on the screen. Only the items that are seen, or passed by when scrolling, are laid out. */
export interface View {
  readonly rows: readonly Row[];
  /** Whether the oldest item is on the screen. */
  readonly atTop: boolean;
  /** Items that are wholly below the screen. */
  readonly below: number;
}

interface Place {
  readonly index: number;
  readonly row: number;
}

class Walker {
  readonly #timeline: Timeline;
  readonly #look: Look;

  constructor(timeline: Timeline, look: Look) {
    this.#timeline = timeline;
    this.#look = look;
  }

  rows(index: number): readonly Row[] {
    const item = this.#timeline[index];
    return item ? itemRows(item, this.#timeline[index - 1], this.#look) : [];
  }

  end(): Place {
    const index = this.#timeline.length - 1;
    return { index, row: this.rows(index).length - 1 };
  }

  /** Where an anchor is now. An item that went away leaves the reader at the end. */
  placeOf(anchor: Anchor | undefined): Place {
    if (!anchor) return this.end();
    const index = this.#timeline.findLastIndex(({ id }) => id === anchor.id);
    return index < 0 ? this.end() : { index, row: Math.min(anchor.row, this.rows(index).length - 1) };
  }

  back(from: Place, count: number): Place | undefined {
    let { index, row } = from;
    let left = count;
    while (left > row) {
      left -= row + 1;
      index--;
      if (index < 0) return undefined;
      row = this.rows(index).length - 1;
    }
    return { index, row: row - left };
  }

  on(from: Place, count: number): Place {
    let { index, row } = from;
    let left = count;
    for (;;) {
      const rest = this.rows(index).length - 1 - row;
      if (left <= rest) return { index, row: row + left };
      if (index >= this.#timeline.length - 1) return this.end();
      left -= rest + 1;
      index++;
      row = 0;
    }
  }

  /** The last row on the screen: never so high that the screen has room above the first item. */
  clamp(place: Place, height: number): Place {
    if (this.#timeline.length === 0 || this.back(place, height - 1)) return place;
    return this.on({ index: 0, row: 0 }, height - 1);
  }
}

export function view(timeline: Timeline, anchor: Anchor | undefined, height: number, look: Look): View {
  if (timeline.length === 0 || height <= 0) return { rows: [], atTop: true, below: 0 };
  const walker = new Walker(timeline, look);
  const last = walker.clamp(walker.placeOf(anchor), height);
  const parts: (readonly Row[])[] = [walker.rows(last.index).slice(0, last.row + 1)];
  let count = parts[0]?.length ?? 0;
  let index = last.index;
  while (count < height && index > 0) {
    index--;
    const rows = walker.rows(index);
    parts.push(rows);
    count += rows.length;
  }
  const rows = parts.reverse().flat();
  return { rows: rows.slice(-height), atTop: index === 0 && count <= height, below: timeline.length - 1 - last.index };
}

/** Moves by rows: negative towards older ones. Undefined: the end is on the screen. */
export function scrolled(timeline: Timeline, anchor: Anchor | undefined, by: number, height: number, look: Look): Anchor | undefined {
  if (timeline.length === 0) return undefined;
  const walker = new Walker(timeline, look);
  const from = walker.clamp(walker.placeOf(anchor), height);
  const to = by < 0 ? (walker.back(from, -by) ?? { index: 0, row: 0 }) : walker.on(from, by);
  const place = walker.clamp(to, height);
  const end = walker.end();
  if (place.index === end.index && place.row === end.row) return undefined;
  const item: Item | undefined = timeline[place.index];
  return item && { id: item.id, row: place.row };
}

/** As far up as there is something. */
export function atTop(timeline: Timeline, height: number, look: Look): Anchor | undefined {
  const [first] = timeline;
  if (!first) return undefined;
  return scrolled(timeline, { id: first.id, row: 0 }, 0, height, look);
}
