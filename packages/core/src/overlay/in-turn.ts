/** So many of these, one of each kind in turn: however many there are of one, they push out nothing but each other. Those of one kind stay in order. */
export function inTurn<T>(items: Iterable<T>, kindOf: (item: T) => string, most = Number.POSITIVE_INFINITY): T[] {
  const kinds = new Map<string, T[]>();
  for (const item of items) {
    const kind = kindOf(item);
    const alike = kinds.get(kind);
    if (alike) alike.push(item);
    else kinds.set(kind, [item]);
  }
  const taken: T[] = [];
  let left = [...kinds.values()];
  for (let place = 0; left.length > 0 && taken.length < most; place++) {
    for (const alike of left) if (taken.length < most) taken.push(alike[place] as T);
    left = left.filter((alike) => alike.length > place + 1);
  }
  return taken;
}
