import type { TabEvent } from '../parley.ts';

export type Listener = (event: TabEvent) => void;

/** What somebody wants to be told: `traffic` is for those alone who draw it, since each message costs the node and the page something to tell of. */
export interface Wish {
  readonly wanted: boolean;
  readonly traffic: boolean;
}

/** Tabs that are told of events at once; more of them are not. */
const MAX_TABS = 64;

/** Who is told of events: listeners in this page and, where its tab leads, other tabs. */
export class Audience {
  readonly #listeners = new Map<Listener, boolean>();
  readonly #tabs = new Map<string, boolean>();
  readonly #changed: () => void;

  /** `changed`: this page wishes otherwise than before. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Of this page. */
  get wish(): Wish {
    return { wanted: this.#listeners.size > 0, traffic: [...this.#listeners.values()].includes(true) };
  }

  /** Whether anybody wants to see what goes over the links. */
  get seesTraffic(): boolean {
    return this.wish.traffic || [...this.#tabs.values()].includes(true);
  }

  get hasTabs(): boolean {
    return this.#tabs.size > 0;
  }

  subscribe(listener: Listener, traffic: boolean): () => void {
    this.#listeners.set(listener, traffic);
    this.#changed();
    return () => {
      if (this.#listeners.delete(listener)) this.#changed();
    };
  }

  /** Another tab wishes. */
  heard(tab: string, { wanted, traffic }: Wish): void {
    if (wanted && (this.#tabs.has(tab) || this.#tabs.size < MAX_TABS)) this.#tabs.set(tab, traffic);
    else this.#tabs.delete(tab);
  }

  forgetTabs(): void {
    this.#tabs.clear();
  }

  /** The listeners of this page that an event is for. */
  of(event: TabEvent): Listener[] {
    return [...this.#listeners].flatMap(([listener, traffic]) => (traffic || event.event !== 'traffic' ? [listener] : []));
  }
}
