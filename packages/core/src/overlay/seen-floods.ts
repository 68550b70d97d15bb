/** Who brought a flood: the key or the network of a neighbour, and whether the flood's origin is a stranger here. */
export interface Bringer {
  readonly account: string;
  /** The origin is not known: nobody but its own signature speaks for it, and keys cost nothing. */
  readonly fresh: boolean;
}

export interface SeenLimits {
  /** How long a flood is remembered at least. */
  readonly keepMs: number;
  /** Floods in all. */
  readonly capacity: number;
  /** Of the room that is left, so much may hold what one neighbour has brought; and what it has brought of unknown origins. */
  readonly share: number;
  readonly freshShare: number;
}

/** `full`: no room at all. `share`, `fresh`: this neighbour has used up its share, of all or of unknown origins. */
export type SeenFault = 'full' | 'share' | 'fresh';

interface Charges {
  all: number;
  fresh: number;
}

/** What was seen in one span, and on whose account. */
class Generation {
  readonly keys = new Set<string>();
  readonly charges = new Map<string, Charges>();
}

/**
 * The memory of floods (WIRE "Seen before"): each is kept for a fixed time, and new ones are refused when there is no room, rather than old
 * ones forgotten early. So whoever fills it silences everybody else, and one neighbour can, with as many keys as it cares to make. Therefore
 * each neighbour may hold only a multiple of the room that is left (the dynamic threshold of Choudhury and Hahne, 1998): one alone gets
 * much, many at a time get less each, and some room is always left for the next. Floods of unknown origins have a smaller
 * share, so that behind a relay which is flooded with them those that are known are still heard. Two generations make expiry cheap: a key is
 * kept between one and two spans. Pure.
 */
export class SeenFloods {
  readonly #limits: SeenLimits;
  #young = new Generation();
  #old = new Generation();
  #turned: number;

  constructor(limits: SeenLimits, now: number) {
    this.#limits = limits;
    this.#turned = now;
  }

  get size(): number {
    return this.#young.keys.size + this.#old.keys.size;
  }

  has(key: string, now: number): boolean {
    this.#turn(now);
    return this.#young.keys.has(key) || this.#old.keys.has(key);
  }

  /** Why a flood that was not seen could not be remembered now; undefined when it could. */
  fault({ account, fresh }: Bringer, now: number): SeenFault | undefined {
    this.#turn(now);
    const { capacity, share, freshShare } = this.#limits;
    const left = capacity - this.size;
    if (left <= 0) return 'full';
    const { all, fresh: strange } = this.#charged(account);
    if (fresh && strange >= left * freshShare) return 'fresh';
    return all >= left * share ? 'share' : undefined;
  }

  /** Remembers a flood that a neighbour brought, or says why not: then the caller refuses it. */
  add(key: string, { account, fresh }: Bringer, now: number): SeenFault | undefined {
    if (this.has(key, now)) return undefined;
    const fault = this.fault({ account, fresh }, now);
    if (fault) return fault;
    this.#young.keys.add(key);
    const charges = this.#young.charges.get(account) ?? { all: 0, fresh: 0 };
    charges.all++;
    if (fresh) charges.fresh++;
    this.#young.charges.set(account, charges);
    return undefined;
  }

  /** Remembers a flood of our own, on nobody's account. */
  addOwn(key: string, now: number): void {
    this.#turn(now);
    this.#young.keys.add(key);
  }

  #charged(account: string): Charges {
    const young = this.#young.charges.get(account);
    const old = this.#old.charges.get(account);
    return { all: (young?.all ?? 0) + (old?.all ?? 0), fresh: (young?.fresh ?? 0) + (old?.fresh ?? 0) };
  }

  #turn(now: number): void {
    const passed = now - this.#turned;
    if (passed < this.#limits.keepMs) return;
    this.#old = passed < 2 * this.#limits.keepMs ? this.#young : new Generation();
    this.#young = new Generation();
    this.#turned = now;
  }
}
