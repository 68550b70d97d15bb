import { checkName, type Identity, type KeyBook } from '../../identity/index.ts';
import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { listen } from './arrivals.ts';
import { ContactBook } from './book.ts';
import type { ContactConfig } from './config.ts';
import { type Contact, type ContactNews, calledOf, checkNote, inOrder } from './contact.ts';
import { Ledger } from './ledger.ts';
import { contactLink, parseContactLink } from './link.ts';
import { Mirror, type OwnPerson, onlyOne } from './mirror.ts';
import { type Introductions, Outbox } from './outbox.ts';
import { Rotation } from './rotation.ts';

export interface ContactEvents {
  contact: { readonly contact: Contact; readonly news: ContactNews };
}

export interface ContactDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  /** Whom to seal to; waits for a certificate that is not here. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** The name in a certificate that is known. */
  readonly nameOf: (nodeId: string) => string | undefined;
  /** How much the user has to do with a node otherwise: 2 by a channel to which one is invited, 1 by one that anybody may join, 0 not at all. */
  readonly nearness: (nodeId: string) => number;
  readonly introductions?: () => Introductions;
  /** Errors: `quota` where there is no room for a conversation with one more. */
  readonly room?: () => void;
  /** Whom this node stands for. Default: itself. */
  readonly person?: () => OwnPerson;
}

/** Contacts: whom the user knows by key, and who wants to be known (S1 friends, S3 contacts; DESIGN section 10). */
export class Contacts {
  readonly events: Emitter<ContactEvents>;
  /** The book as other devices of this user are told of it. */
  readonly mirror: Mirror;
  readonly #person: () => OwnPerson;
  readonly #deps: ContactDeps;
  readonly #config: ContactConfig;
  readonly #scope: Scope;
  readonly #book: ContactBook;
  readonly #ledger: Ledger;
  readonly #outbox: Outbox;
  /** The user's own key is being replaced. */
  readonly rotation: Rotation;

  constructor(deps: ContactDeps, config: ContactConfig) {
    const { ports } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    this.#book = new ContactBook(config, deps.nearness);
    this.#ledger = new Ledger(ports.store, this.#book);
    this.#person = deps.person ?? (() => onlyOne(deps.identity));
    const tell = (contact: Contact, news: ContactNews): void => this.#tell(contact, news);
    const own = { ...deps, crypto: ports.crypto, book: this.#book, ledger: this.#ledger, person: this.#person };
    this.mirror = new Mirror(own, tell);
    this.#outbox = new Outbox({ ...deps, book: this.#book, ledger: this.#ledger, introductions: deps.introductions }, config);
    this.rotation = new Rotation(deps, config);
    listen({ ...own, outbox: this.#outbox, tell }, config);
    deps.metrics.gauge('contacts', () => this.#book.size);
  }

  async start(): Promise<void> {
    await this.#ledger.start();
    const kept = await this.rotation.start();
    if (kept) await this.#ledger.change(() => ({ change: this.#book.follow(kept), writes: this.rotation.adopted(), result: undefined }));
    this.#outbox.start();
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    await this.rotation.close();
    await this.#scope.close();
    await this.#ledger.close();
  }

  /** By what they are called. */
  list(): Contact[] {
    return this.#book.all().sort(inOrder);
  }

  /** See `ContactBook.find`. Errors: `not-found`, `conflict`. */
  find(who: string): Contact {
    return this.#book.find(who);
  }

  /** By key id or node id. */
  get(id: string): Contact | undefined {
    return this.#book.get(id);
  }

  /** Whether both have said yes, and the user wants to hear of them. */
  isContact(id: string): boolean {
    const contact = this.#book.get(id);
    return contact?.state === 'accepted' && !contact.blocked;
  }

  /** The link by which others add the user of this node. */
  get link(): string {
    const { keyId, name } = this.#person();
    return contactLink({ keyId, name });
  }

  /**
   * Asks somebody to be a contact, by link or key id; or accepts who has asked. On disk when it resolves; then it is sent as soon as their
   * certificate is here. Errors: `bad-argument`, `conflict`, `quota`, those of the store.
   */
  async add(typed: string, options: { readonly alias?: string | undefined; readonly note?: string | undefined } = {}): Promise<Contact> {
    const { keys, ports, nameOf } = this.#deps;
    const link = parseContactLink(typed);
    this.mirror.checkFirst();
    const key = keys.resolve(link.keyId);
    if (!key) throw new ParleyError('bad-argument', 'not a key id');
    if (this.#person().isOwn(key.nodeId)) throw new ParleyError('bad-argument', 'this is your own key');
    const alias = options.alias === undefined ? undefined : checkName(options.alias);
    const note = checkNote(options.note);
    if (!this.isContact(key.keyId)) this.#deps.room?.();
    const contact = await this.#ledger.change(() => {
      const who = { keyId: key.keyId, nodeId: key.nodeId, name: nameOf(key.nodeId) ?? link.name };
      const added = this.#book.add(who, { alias, note }, ports.clock.now());
      return { change: { put: [added] }, result: added };
    });
    this.#tell(contact, contact.state === 'accepted' ? 'accepted' : 'requested');
    this.#outbox.look(contact);
    return contact;
  }

  /** Says yes to who has asked. Errors: `not-found`, `conflict`, those of the store. */
  async accept(who: string): Promise<Contact> {
    const found = this.#known(who, 'incoming') ?? this.#find(who);
    this.mirror.checkFirst();
    if (this.isContact(found.keyId)) return found;
    this.#deps.room?.();
    const accepted = await this.#change(found, (contact) => {
      if (contact.state !== 'incoming' || contact.blocked) throw new ParleyError('conflict', `${calledOf(contact)} waits for no answer`);
      return { ...contact, state: 'accepted', owed: 'accepted' };
    });
    this.#tell(accepted, 'accepted');
    this.#outbox.look(accepted);
    return accepted;
  }

  /** Says no to who has asked, and forgets them. Errors: `not-found`, `conflict`, those of the store. */
  async decline(who: string): Promise<void> {
    const contact = this.#find(who, 'incoming');
    if (contact.state !== 'incoming' || contact.blocked) throw new ParleyError('conflict', `${calledOf(contact)} waits for no answer`);
    await this.#remove(contact);
    this.#outbox.decline(contact);
  }

  /** Forgets a contact; of a blocked one, that it is blocked too. Errors: `not-found`, `conflict`, those of the store. */
  remove(who: string): Promise<void> {
    return this.#remove(this.#find(who));
  }

  /** Another word for somebody; without one, the name that they call themselves. Errors: `bad-argument`, `not-found`, `conflict`. */
  async rename(who: string, alias: string | undefined): Promise<Contact> {
    const clean = alias === undefined || alias === '' ? undefined : checkName(alias);
    return this.#changed(this.#find(who), ({ alias: _, ...contact }) => (clean === undefined ? contact : { ...contact, alias: clean }));
  }

  /** Nothing of a blocked key is heard. A key that is not in the book is blocked too. Errors: `bad-argument`, `not-found`, `quota`. */
  async block(who: string): Promise<Contact> {
    const known = this.#known(who);
    if (known) return this.#changed(known, (contact) => ({ ...contact, blocked: true }));
    const { keys, ports } = this.#deps;
    const { keyId } = parseContactLink(who);
    const key = keys.resolve(keyId);
    if (!key || this.#person().isOwn(key.nodeId)) throw new ParleyError('bad-argument', 'this key cannot be blocked');
    if (this.#book.size >= this.#config.capacity) throw new ParleyError('quota', `there are ${this.#config.capacity} contacts already`);
    const now = ports.clock.now();
    const contact: Contact = { keyId, nodeId: key.nodeId, state: 'incoming', verified: false, blocked: true, added: now };
    await this.#ledger.change(() => ({ change: { put: [contact] }, result: undefined }));
    this.#tell(contact, 'changed');
    return contact;
  }

  /** Who was in the book only for being blocked is in it no more. Errors: `not-found`, `conflict`, those of the store. */
  async unblock(who: string): Promise<void> {
    const contact = this.#find(who);
    if (contact.state !== 'incoming' || contact.asked !== undefined) {
      await this.#changed(contact, (known) => ({ ...known, blocked: false }));
      return;
    }
    await this.#ledger.change(() => ({ change: { gone: [contact.keyId] }, result: undefined }));
    this.#tell(contact, 'removed');
  }

  /** The 60 digits that both see. Errors: `not-found`, `conflict`. */
  safetyNumber(who: string): string {
    return this.mirror.numberWith(this.#find(who));
  }

  /**
   * The user has the number from the other: by voice, or from their screen. `false` takes it back. Errors: `not-found`, `conflict`;
   * `bad-argument` when the numbers differ.
   */
  async verify(who: string, number: string | false): Promise<Contact> {
    const contact = this.#find(who);
    const digits = (text: string): string => text.replace(/\D/g, '');
    if (number !== false && digits(number) !== digits(this.mirror.numberWith(contact))) {
      throw new ParleyError('bad-argument', `the numbers differ: either a digit is wrong, or this is not the key of ${calledOf(contact)}`);
    }
    return this.#changed(contact, (known) => ({ ...known, verified: number !== false }));
  }

  /**
   * The contacts who are to learn of a new key: those that the user picks, or all whose safety number was compared. Errors: `not-found`, `conflict`;
   * `bad-argument` for who is no contact.
   */
  pick(whom: readonly string[] | 'verified' | 'all'): Contact[] {
    this.mirror.checkFirst();
    const all = this.list().filter(({ keyId }) => this.isContact(keyId));
    if (whom === 'all') return all;
    if (whom === 'verified') return all.filter(({ verified }) => verified);
    return [...new Set(whom.map((who) => this.#find(who)))].map((contact) => {
      if (!this.isContact(contact.keyId)) throw new ParleyError('bad-argument', `${calledOf(contact)} is no contact that could be told`);
      return contact;
    });
  }

  /** The user believes that a contact has a new key, or does not. Errors: `not-found`, `conflict`, those of the store. */
  async decideKey(who: string, believed: boolean): Promise<Contact> {
    const contact = this.#find(who);
    const decided = await this.#ledger.change(() => {
      const change = this.#book.decideKey(this.#book.get(contact.keyId) ?? contact, believed);
      return { change, result: change.put?.[0] ?? contact };
    });
    // What is under the old key goes on under the new one, which is there by then.
    this.#tell(decided, 'changed');
    if (decided.keyId !== contact.keyId) this.#tell(contact, 'removed');
    return decided;
  }

  /** The name in somebody's certificate became known. */
  named(nodeId: string, name: string): void {
    const contact = this.#book.get(nodeId);
    if (!contact || contact.name === name || name === '') return;
    this.#scope.run(
      this.#changed(contact, (known) => ({ ...known, name })).then(() => {}),
      (error) => this.#deps.ports.log.error('a contact could not be kept', { error: ParleyError.from(error).message }),
    );
  }

  #known(who: string, state?: Contact['state']): Contact | undefined {
    try {
      return this.#find(who, state);
    } catch (error) {
      if (errorCode(error) === 'not-found') return undefined;
      throw error;
    }
  }

  #find(who: string, state?: Contact['state']): Contact {
    return this.#book.find(who, state === undefined ? undefined : (contact) => contact.state === state && !contact.blocked);
  }

  /** Changes what is known of somebody by then. Errors: `not-found` when they are gone. */
  #change(contact: Contact, change: (contact: Contact) => Contact): Promise<Contact> {
    return this.#ledger.change(() => {
      const known = this.#book.get(contact.keyId);
      if (!known) throw new ParleyError('not-found', `${calledOf(contact)} is no contact any more`);
      const next = change(known);
      return { change: { put: [next] }, result: next };
    });
  }

  async #changed(contact: Contact, change: (contact: Contact) => Contact): Promise<Contact> {
    const changed = await this.#change(contact, change);
    this.#tell(changed, 'changed');
    return changed;
  }

  async #remove(contact: Contact): Promise<void> {
    await this.#ledger.change(() => ({
      change: { gone: [contact.keyId] },
      // What they wrote before, and somebody may say again, is answered.
      writes: [this.#ledger.decided(contact.keyId, Math.max(this.#deps.ports.clock.now(), contact.asked ?? 0))],
      result: undefined,
    }));
    this.#tell(contact, 'removed');
  }

  #tell(contact: Contact, news: ContactNews): void {
    this.events.emit('contact', { contact, news });
  }
}
