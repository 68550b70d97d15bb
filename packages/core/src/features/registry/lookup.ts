/** How a lookup goes. A contact may be anything: an object, or in a simulation an index. */
export interface LookupRules<C> {
  /** `value`: a path that has found one ends once so many nearest nodes of it have answered (`confirm`). `nodes`: with all of the nearest. */
  readonly goal: 'nodes' | 'value';
  /**
   * The first value may be an old one: of a node that is further away and was not told of a newer one, or of one that replays it. Those who are
   * nearest are asked too. 0: the first will do, and ends the path.
   */
  readonly confirm: number;
  /** How many nodes nearest to the target are wanted in all (Kademlia's k). */
  readonly k: number;
  /** Questions under way at a time. */
  readonly alpha: number;
  /** Disjoint paths: no two of them ask the same node (DESIGN section 9). */
  readonly paths: number;
  /** So many when the first have failed. */
  readonly morePaths: number;
  /** Questions in all. */
  readonly maxQuestions: number;
  /** Below 0 when `a` is nearer to the target. */
  compare(a: C, b: C): number;
  /** What tells nodes apart. */
  keyOf(contact: C): string | number;
  /** Where it is said to be: a liar may have said so. */
  placeOf(contact: C): string | number;
  /** Nodes of one network that are asked: many names at few addresses are cheap to have. Undefined where networks do not count. */
  readonly perNetwork: number;
  networkOf(contact: C): string | number | undefined;
}

type State = 'asked' | 'late' | 'answered' | 'failed';

interface Asked<C> {
  readonly contact: C;
  /** Where it was asked for. */
  readonly places: readonly (string | number)[];
  readonly path: Path<C>;
  state: State;
  /** The sequence number of the value that it gave; below 0 for none. */
  seq: number;
}

interface Path<C> {
  /** Nearest first; bounded. */
  readonly heard: C[];
  flying: number;
  /** Late ones, of which an answer may still come. */
  late: number;
  answers: number;
  found: boolean;
}

/** So many times k candidates are kept of a path: whoever tells of more tells of what is too far away. */
const HEARD_FACTOR = 3;
/** Places at which a path may have heard that one node is. */
const PLACES = 3;

/**
 * An iterative lookup as a state machine (S4; Kademlia, with disjoint paths against nodes that answer with their friends only): it says whom
 * to ask, and is told what came of it. Of values the one with the highest sequence number wins; they are verified by whoever hands them in.
 * Knows neither time nor network.
 */
export class Lookup<C, V extends { readonly seq: number } = never> {
  readonly #rules: LookupRules<C>;
  readonly #asked = new Map<string | number, Asked<C>>();
  readonly #paths: Path<C>[] = [];
  readonly #networks = new Map<string | number, number>();
  readonly #further: () => readonly C[];
  #best: V | undefined;
  #questions = 0;

  /** `seeds`: the nearest that the one who looks knows, nearest first. `further`: the next ones, asked for when the first paths have failed. */
  constructor(rules: LookupRules<C>, seeds: readonly C[], further: () => readonly C[]) {
    this.#rules = rules;
    this.#further = further;
    this.#open(rules.paths, seeds);
  }

  get best(): V | undefined {
    return this.#best;
  }

  get questions(): number {
    return this.#questions;
  }

  /** Whether nothing is left to do or to wait for. To be asked after `next`. */
  get done(): boolean {
    return this.#idle && (this.#best !== undefined || this.#paths.every((path) => path.late === 0));
  }

  /** Whom to ask now. Each of them is to be answered, failed, or late at some time. */
  next(): C[] {
    if (this.#idle && this.#hasFailed()) this.#widen();
    const chosen: C[] = [];
    const { alpha, confirm } = this.#rules;
    // Once something is found nobody is far off any more: those who are left are asked together.
    const limit = Math.max(alpha, this.#paths.length * (this.#paths.some(({ found }) => found) ? confirm : 1));
    let flying = this.#paths.reduce((sum, path) => sum + path.flying, 0);
    while (flying < limit) {
      const path = this.#hungriest();
      const contact = path && this.#candidate(path);
      if (!path || contact === undefined) break;
      const key = this.#rules.keyOf(contact);
      const places = [...(this.#asked.get(key)?.places ?? []), this.#rules.placeOf(contact)];
      this.#asked.set(key, { contact, places, path, state: 'asked', seq: -1 });
      this.#questions++;
      const network = this.#rules.networkOf(contact);
      if (network !== undefined) this.#networks.set(network, (this.#networks.get(network) ?? 0) + 1);
      path.flying++;
      flying++;
      chosen.push(contact);
    }
    return chosen;
  }

  /** Somebody answered: with whom it knows nearer to the target, and perhaps a value, verified. What nobody asked for is ignored. */
  answered(contact: C, leads: readonly C[], value?: V): void {
    const asked = this.#asked.get(this.#rules.keyOf(contact));
    if (!asked || asked.state === 'answered' || asked.state === 'failed') return;
    const { path } = asked;
    this.#land(asked);
    asked.state = 'answered';
    path.answers++;
    if (value) {
      asked.seq = value.seq;
      if (!this.#best || value.seq > this.#best.seq) this.#best = value;
      if (this.#rules.goal === 'value') path.found = true;
    }
    this.#deal(leads, [path, ...this.#paths.filter((other) => other !== path && other.heard.length === 0)]);
  }

  /** No answer will come, or none that counts. */
  failed(contact: C): void {
    const asked = this.#asked.get(this.#rules.keyOf(contact));
    if (!asked || asked.state === 'answered' || asked.state === 'failed') return;
    this.#land(asked);
    asked.state = 'failed';
  }

  /** The answer takes long: somebody else is asked meanwhile, and an answer that still comes is taken. */
  late(contact: C): void {
    const asked = this.#asked.get(this.#rules.keyOf(contact));
    if (asked?.state !== 'asked') return;
    this.#land(asked);
    asked.state = 'late';
    asked.path.late++;
  }

  /** Those who answered, nearest first. */
  closest(count: number): C[] {
    const found: C[] = [];
    for (const { state, contact } of this.#asked.values()) if (state === 'answered') found.push(contact);
    return found.sort(this.#rules.compare).slice(0, count);
  }

  /** Of so many nearest who answered those who have not the best value, nearest first. */
  lacking(count: number): C[] {
    const seq = this.#best?.seq ?? 0;
    return this.closest(count).filter((contact) => (this.#asked.get(this.#rules.keyOf(contact))?.seq ?? 0) < seq);
  }

  /** Nobody is to be asked, and no answer is expected soon. */
  get #idle(): boolean {
    return this.#paths.every((path) => this.#isOver(path) || (path.flying === 0 && this.#candidate(path) === undefined));
  }

  #isOver({ found }: Path<C>): boolean {
    return found && this.#rules.confirm === 0;
  }

  #hasFailed(): boolean {
    return this.#rules.goal === 'value' ? this.#best === undefined : this.#paths.every((path) => path.answers === 0);
  }

  #land(asked: Asked<C>): void {
    if (asked.state === 'asked') asked.path.flying--;
    else if (asked.state === 'late') asked.path.late--;
  }

  /** The path that may ask and has fewest questions under way. Until its first answer a path asks one node at a time: that may be all it takes. */
  #hungriest(): Path<C> | undefined {
    let hungriest: Path<C> | undefined;
    for (const path of this.#paths) {
      if (path.answers === 0 && path.flying > 0) continue;
      if (hungriest && path.flying >= hungriest.flying) continue;
      if (this.#candidate(path) !== undefined) hungriest = path;
    }
    return hungriest;
  }

  /** The nearest that the path may ask, unless so many nearer ones have been asked that it is at its end. */
  #candidate(path: Path<C>): C | undefined {
    const { k, paths, confirm, maxQuestions } = this.#rules;
    if (this.#questions >= maxQuestions || this.#isOver(path)) return undefined;
    const all = Math.ceil(k / paths);
    const width = path.found ? Math.min(confirm, all) : all;
    let before = 0;
    for (const contact of path.heard) {
      const asked = this.#asked.get(this.#rules.keyOf(contact));
      const elsewhere = asked !== undefined && !asked.places.includes(this.#rules.placeOf(contact));
      // Whoever names an honest node at an address where nobody is keeps no other path from it.
      if (!asked || (elsewhere && asked.state === 'failed')) {
        if (!this.#crowded(contact)) return contact;
        continue;
      }
      if (elsewhere) continue;
      if (asked.path === path && (asked.state === 'asked' || asked.state === 'answered') && ++before >= width) return undefined;
    }
    return undefined;
  }

  #crowded(contact: C): boolean {
    const network = this.#rules.networkOf(contact);
    return network !== undefined && (this.#networks.get(network) ?? 0) >= this.#rules.perNetwork;
  }

  #hear(path: Path<C>, contact: C): void {
    const { heard } = path;
    let [low, high] = [0, heard.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#rules.compare(heard[middle] as C, contact) < 0) low = middle + 1;
      else high = middle;
    }
    const { keyOf, placeOf } = this.#rules;
    const first = low;
    for (let there = heard[low]; there !== undefined && keyOf(there) === keyOf(contact); there = heard[++low]) {
      if (placeOf(there) === placeOf(contact) || low - first >= PLACES - 1) return;
    }
    heard.splice(low, 0, contact);
    if (heard.length > HEARD_FACTOR * this.#rules.k) heard.pop();
  }

  /** The first paths have failed: more of them, from what they did not touch. */
  #widen(): void {
    const more = this.#rules.morePaths - this.#paths.length;
    if (more <= 0) return;
    const untouched = this.#further().filter((contact) => !this.#asked.has(this.#rules.keyOf(contact)));
    this.#open(more, untouched);
  }

  #open(count: number, seeds: readonly C[]): void {
    const opened = Array.from({ length: count }, (): Path<C> => ({ heard: [], flying: 0, late: 0, answers: 0, found: false }));
    this.#deal(seeds, opened);
    this.#paths.push(...opened);
  }

  /** In turn. Whoever begins with one contact has nothing for its other paths before that one has answered. */
  #deal(contacts: readonly C[], paths: readonly Path<C>[]): void {
    for (const [at, contact] of contacts.entries()) {
      const path = paths[at % paths.length];
      if (path) this.#hear(path, contact);
    }
  }
}
