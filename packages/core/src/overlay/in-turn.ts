import { grouped } from '../util/grouped.ts';

/** So many of these, one of each kind in turn: however many there are of one, they push out nothing but each other. Those of one kind stay in order. */
export function inTurn<T>(items: Iterable<T>, kindOf: (item: T) => string, most = Number.POSITIVE_INFINITY): T[] {
  const taken: T[] = [];
  let left = [...grouped(items, kindOf).values()];
  for (let place = 0; left.length > 0 && taken.length < most; place++) {
    for (const alike of left) if (taken.length < most) taken.push(alike[place] as T);
    left = left.filter((alike) => alike.length > place + 1);
  }
  return taken;
}
