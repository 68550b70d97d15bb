import { displayName } from '../../identity/index.ts';
import { ParleyError } from '../../util/errors.ts';
import { type Contact, calledOf } from './contact.ts';
import type { KeyChange } from './key-change.ts';

export interface BookLimits {
  readonly capacity: number;
  readonly maxOpen: number;
}

/** What changes in the book: rows to write, keys to delete. `heard`: what an arrival amounts to. */
export interface Change {
  readonly put?: readonly Contact[];
  readonly gone?: readonly string[];
}

export type Refusal = 'contact-blocked' | 'contacts-full' | 'contact-unasked' | 'new-key-unknown' | 'new-key-replayed' | 'new-key-taken';
export type Heard =
  | { readonly change: Change; readonly outcome: 'waiting' | 'accepted' | 'again' | 'declined' }
  | { readonly refused: Refusal };

/** Somebody as they come to be known. */
export interface Who {
  readonly keyId: string;
  readonly nodeId: string;
  readonly name?: string | undefined;
}

const isOpen = ({ state, blocked }: Contact): boolean => state === 'incoming' && !blocked;

/** Whom the user knows, and what may become of them. Pure: it says what changes, and `apply` makes it so once that is on disk. */
export class ContactBook {
  readonly #limits: BookLimits;
  /** How much the user has to do with a node otherwise: a request does not give way to those of whom that is less. */
  readonly #nearness: (nodeId: string) => number;
  readonly #byKey = new Map<string, Contact>();
  readonly #byNode = new Map<string, Contact>();

  constructor(limits: BookLimits, nearness: (nodeId: string) => number) {
    this.#limits = limits;
    this.#nearness = nearness;
  }

  get size(): number {
    return this.#byKey.size;
  }

  all(): Contact[] {
    return [...this.#byKey.values()];
  }

  /** By key id or node id. */
  get(id: string): Contact | undefined {
    return this.#byKey.get(id) ?? this.#byNode.get(id);
  }

  apply({ put = [], gone = [] }: Change): void {
    for (const keyId of gone) {
      const contact = this.#byKey.get(keyId);
      this.#byKey.delete(keyId);
      if (contact) this.#byNode.delete(contact.nodeId);
    }
    for (const contact of put) {
      this.#byKey.set(contact.keyId, contact);
      this.#byNode.set(contact.nodeId, contact);
    }
  }

  /**
   * Whom a person means: a key id, node id, or name with or without `@`, also as `name#1a2b`. Those who are accepted come first. Errors:
   * `not-found`; `conflict` where several bear the name, with their keys in `data.keys`.
   */
  find(who: string, among: (contact: Contact) => boolean = () => true): Contact {
    const text = who.trim().replace(/^@/, '');
    const exact = this.get(text);
    if (exact) return exact;
    const all = this.all().filter(among);
    const folded = text.normalize('NFC').toLowerCase();
    const tests: ((contact: Contact) => boolean)[] = [
      ({ alias }) => alias === text,
      (contact) => calledOf(contact) === text,
      ({ name, nodeId }) => name !== undefined && displayName(name, nodeId) === text,
      (contact) => calledOf(contact).toLowerCase() === folded,
      ({ name }) => name?.toLowerCase() === folded,
    ];
    for (const test of tests) {
      const named = all.filter(test);
      const accepted = named.filter(({ state, blocked }) => state === 'accepted' && !blocked);
      const [only, ...others] = accepted.length > 0 ? accepted : named;
      if (only && others.length === 0) return only;
      if (only) {
        throw new ParleyError('conflict', `several contacts are called ${text}: use the key`, {
          data: { keys: named.map(({ keyId }) => keyId) },
        });
      }
    }
    throw new ParleyError('not-found', `no contact ${text} is known here`);
  }

  /** The user wants somebody as a contact. Whoever has asked us is accepted by that. Errors: `conflict`, `quota`. */
  add(who: Who, options: { readonly alias?: string | undefined; readonly note?: string | undefined }, now: number): Contact {
    const known = this.#byKey.get(who.keyId);
    const { alias, note } = options;
    if (known?.blocked) throw new ParleyError('conflict', `${calledOf(known)} is blocked: unblock them first`);
    if (known?.state === 'accepted') throw new ParleyError('conflict', `${calledOf(known)} is a contact already`);
    if (!known && this.size >= this.#limits.capacity) throw new ParleyError('quota', `there are ${this.#limits.capacity} contacts already`);
    const named = alias === undefined ? {} : { alias };
    if (known?.state === 'incoming') return { ...known, ...named, state: 'accepted', owed: 'accepted' };
    const { declined, asked, ...before } = known ?? { keyId: who.keyId, nodeId: who.nodeId, verified: false, blocked: false, added: now };
    // Who said no is asked anew, and at once.
    const last = declined || asked === undefined ? {} : { asked };
    const fresh: Contact = { ...before, ...last, ...named, state: 'requested' };
    return { ...fresh, ...(who.name === undefined ? {} : { name: who.name }), ...(note === undefined ? {} : { note }) };
  }

  /** Somebody asks. */
  requested(
    who: Who,
    ask: { readonly note?: string | undefined; readonly package?: string | undefined; readonly time: number },
    now: number,
  ): Heard {
    const known = this.#byKey.get(who.keyId);
    if (known?.blocked) return { refused: 'contact-blocked' };
    const said = {
      ...(who.name === undefined ? {} : { name: who.name }),
      ...(ask.package === undefined ? {} : { package: ask.package }),
      asked: ask.time,
    };
    // They have lost what they knew of us, or our answer did not reach them.
    if (known?.state === 'accepted') return { change: { put: [{ ...known, ...said, owed: 'accepted' }] }, outcome: 'again' };
    if (known?.state === 'requested') {
      const { declined, ...rest } = known;
      return { change: { put: [{ ...rest, ...said, state: 'accepted', owed: 'accepted' }] }, outcome: 'accepted' };
    }
    const noted = ask.note === undefined || ask.note === '' ? {} : { note: ask.note };
    if (known) return { change: { put: [{ ...known, ...said, ...noted }] }, outcome: 'waiting' };
    const gone = this.#room(who.nodeId);
    if (!gone) return { refused: 'contacts-full' };
    const fresh: Contact = {
      keyId: who.keyId,
      nodeId: who.nodeId,
      ...said,
      ...noted,
      state: 'incoming',
      verified: false,
      blocked: false,
      added: now,
    };
    return { change: { put: [fresh], gone }, outcome: 'waiting' };
  }

  /** Whose open requests give way to one more; undefined when there is no room. */
  #room(nodeId: string): string[] | undefined {
    const open = this.all().filter(isOpen);
    if (open.length < this.#limits.maxOpen) return this.size < this.#limits.capacity ? [] : undefined;
    const least = Math.min(...open.map((contact) => this.#nearness(contact.nodeId)));
    // In order of arrival: the book keeps it.
    const oldest = open.find((contact) => this.#nearness(contact.nodeId) === least);
    return oldest && this.#nearness(nodeId) >= least ? [oldest.keyId] : undefined;
  }

  /**
   * The user has another key, and goes on with those who were told of it. Whoever was asked by the old key, has asked it, or was not told, is in the book
   * no more: from the new key they would hear of a stranger.
   */
  follow(told: ReadonlySet<string>): Change {
    const gone = this.all().filter(({ keyId, blocked }) => !blocked && !told.has(keyId));
    const put = this.all().filter(({ keyId, owed, package: offered }) => told.has(keyId) && (owed ?? offered) !== undefined);
    return { gone: gone.map(({ keyId }) => keyId), put: put.map(({ owed, package: _, ...contact }) => contact) };
  }

  /** They have answered what we asked. */
  answered(keyId: string, answer: 'accepted' | 'declined'): Heard {
    const known = this.#byKey.get(keyId);
    if (known?.blocked) return { refused: 'contact-blocked' };
    if (known?.state === 'accepted' && answer === 'accepted') return { change: {}, outcome: 'again' };
    if (known?.state !== 'requested') return { refused: 'contact-unasked' };
    if (answer === 'declined') return { change: { put: [{ ...known, declined: true }] }, outcome: 'declined' };
    const { declined, ...rest } = known;
    return { change: { put: [{ ...rest, state: 'accepted' }] }, outcome: 'accepted' };
  }

  /** Whose key this is, or is to be by a change that the user has not decided on. */
  holderOf(keyId: string): Contact | undefined {
    const known = this.#byKey.get(keyId);
    // Who has only asked by it may be the very contact whose key it is to be.
    return known?.state === 'accepted' ? known : (this.all().find(({ change }) => change?.keyId === keyId) ?? known);
  }

  /**
   * A contact's key has named another, or the key that it named has in its turn: then the question is about that one. Nothing is believed before the
   * user says so.
   */
  keyNamed(change: KeyChange): Heard {
    const known = this.holderOf(change.from);
    if (known?.state !== 'accepted') return { refused: 'new-key-unknown' };
    if (known.blocked) return { refused: 'contact-blocked' };
    if (known.changed !== undefined && change.time <= known.changed) return { refused: 'new-key-replayed' };
    // A key that is known as somebody's cannot be taken over by naming it.
    const taken = this.#byKey.get(change.to);
    if (taken?.state === 'accepted' || taken?.blocked) return { refused: 'new-key-taken' };
    const { to: keyId, nodeId, time } = change;
    return { change: { put: [{ ...known, change: { keyId, nodeId, time }, changed: time }] }, outcome: 'waiting' };
  }

  /** The user believes it, or does not. Errors: `not-found` when there is nothing to decide. */
  decideKey(contact: Contact, believed: boolean): Change {
    const { change, ...rest } = contact;
    if (!change) throw new ParleyError('not-found', `the key of ${calledOf(contact)} has not changed`);
    if (!believed) return { put: [rest] };
    const { package: _, ...kept } = rest;
    // The user may have met the new key by itself meanwhile: what is known of it then stays so.
    const met = this.#byKey.get(change.keyId);
    const { alias, change: further, changed = change.time, verified = false } = met?.state === 'accepted' ? met : {};
    const next: Contact = {
      ...kept,
      ...(alias === undefined ? {} : { alias }),
      ...(further && { change: further }),
      keyId: change.keyId,
      nodeId: change.nodeId,
      // Whoever compared the numbers of the old key alone compared nothing.
      verified,
      before: { keyId: contact.keyId, time: change.time },
      changed: Math.max(changed, change.time),
    };
    return { put: [next], gone: [contact.keyId] };
  }
}
