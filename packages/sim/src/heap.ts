/** An event in virtual time. `order` keeps events of the same instant first in, first out. */
export interface Scheduled {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
  /** Cancelled, or its owner has stopped: passed over without time moving on. */
  dead: boolean;
}

function before(a: Scheduled, b: Scheduled): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** A binary heap of events, the earliest first. */
export class EventHeap {
  #events: Scheduled[] = [];

  get size(): number {
    return this.#events.length;
  }

  peek(): Scheduled | undefined {
    return this.#events[0];
  }

  push(event: Scheduled): void {
    const events = this.#events;
    let index = events.length;
    events.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = events[parent] as Scheduled;
      if (!before(event, above)) break;
      events[index] = above;
      index = parent;
    }
    events[index] = event;
  }

  pop(): Scheduled | undefined {
    const first = this.#events[0];
    const last = this.#events.pop();
    if (first !== undefined && last !== undefined && first !== last) this.#sink(0, last);
    return first;
  }

  /** Forgets the dead ones, which would otherwise stay until their time comes. */
  sweep(): void {
    this.#events = this.#events.filter((event) => !event.dead);
    for (let index = (this.#events.length >> 1) - 1; index >= 0; index--) this.#sink(index, this.#events[index] as Scheduled);
  }

  #sink(from: number, event: Scheduled): void {
    const events = this.#events;
    const size = events.length;
    let index = from;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && before(events[child + 1] as Scheduled, events[child] as Scheduled)) child++;
      const below = events[child] as Scheduled;
      if (!before(below, event)) break;
      events[index] = below;
      index = child;
    }
    events[index] = event;
  }
}
