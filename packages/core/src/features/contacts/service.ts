import { checkName, displayName, type Identity, type KeyBook, safetyNumber } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { TokenBucket, TokenBuckets } from '../../util/bounded.ts';
import { utf8 } from '../../util/bytes.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { JwsReader } from '../../wire/jws.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import { ContactBook, type Heard, type Refusal } from './book.ts';
import type { ContactConfig } from './config.ts';
import { type Contact, calledOf } from './contact.ts';
import { readKeyChange, signKeyChange } from './key-change.ts';
import { Ledger } from './ledger.ts';
import { contactLink, parseContactLink } from './link.ts';
import { type Introductions, Outbox } from './outbox.ts';
import { CONTACT, CONTACT_ANSWER, MAX_NOTE_BYTES, NEW_KEY } from './verbs.ts';

/** What happened to a contact. `key-change`: their key names another, and the user is to say whether they believe it. */
export type ContactNews = 'requested' | 'incoming' | 'accepted' | 'declined' | 'changed' | 'key-change' | 'removed';

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
  /** Whether this node has to do with another otherwise, such as by a channel. */
  readonly favoured: (nodeId: string) => boolean;
  readonly introductions?: Introductions;
}

/** Contacts: whom the user knows by key, and who wants to be known (S1 friends, S3 contacts; DESIGN section 10). */
export class Contacts {
  readonly events: Emitter<ContactEvents>;
  readonly #deps: ContactDeps;
  readonly #config: ContactConfig;
  readonly #scope: Scope;
  readonly #book: ContactBook;
  readonly #ledger: Ledger;
  readonly #outbox: Outbox;
  readonly #reader: JwsReader;
  readonly #ofOne = new TokenBuckets(5000);
  readonly #ofAll: TokenBucket;

  constructor(deps: ContactDeps, config: ContactConfig) {
    const { ports, overlay } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    this.#book = new ContactBook(config, deps.favoured);
    this.#ledger = new Ledger(ports.store, this.#book);
    this.#reader = new JwsReader(ports.crypto, deps.keys);
    this.#outbox = new Outbox({ ...deps, book: this.#book, ledger: this.#ledger, introductions: deps.introductions }, config);
    this.#ofAll = new TokenBucket(config.requestsOfAll.perSecond, config.requestsOfAll.burst, ports.clock.monotonic());
    overlay.sealed.handle(CONTACT, (arrival) => this.#onRequest(arrival));
    overlay.sealed.handle(CONTACT_ANSWER, (arrival) => this.#onAnswer(arrival));
    overlay.sealed.handle(NEW_KEY, (arrival) => this.#onNewKey(arrival));
    deps.metrics.gauge('contacts', () => this.#book.size);
  }

  async start(): Promise<void> {
    await this.#ledger.start();
    this.#outbox.start();
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    await this.#scope.close();
    await this.#ledger.close();
  }

  /** By what they are called. */
  list(): Contact[] {
    return this.#book.all().sort((a, b) => calledOf(a).localeCompare(calledOf(b), 'en') || (a.keyId < b.keyId ? -1 : 1));
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
    const { keyId, name } = this.#deps.identity;
    return contactLink({ keyId, name });
  }

  /**
   * Asks somebody to be a contact, by link or key id; or accepts who has asked. On disk when it resolves; then it is sent as soon as their
   * certificate is here. Errors: `bad-argument`, `conflict`, `quota`, those of the store.
   */
  async add(typed: string, options: { readonly alias?: string | undefined; readonly note?: string | undefined } = {}): Promise<Contact> {
    const { keys, identity, ports, nameOf } = this.#deps;
    const link = parseContactLink(typed);
    const key = keys.resolve(link.keyId);
    if (!key) throw new ParleyError('bad-argument', 'not a key id');
    if (key.keyId === identity.keyId) throw new ParleyError('bad-argument', 'this is your own key');
    const alias = options.alias === undefined ? undefined : checkName(options.alias);
    const note = checkNote(options.note);
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
    const accepted = await this.#change(this.#find(who, 'incoming'), (contact) => {
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
    if (!key || keyId === this.#deps.identity.keyId) throw new ParleyError('bad-argument', 'this key cannot be blocked');
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
    return this.#numberOf(this.#find(who));
  }

  #numberOf({ keyId }: Contact): string {
    const { ports, keys, identity } = this.#deps;
    const key = keys.resolve(keyId);
    if (!key) throw new ParleyError('corrupt', 'a contact has no key');
    return safetyNumber(ports.crypto, identity.publicKey, key.publicKey);
  }

  /**
   * The user has the number from the other: by voice, or from their screen. `false` takes it back. Errors: `not-found`, `conflict`;
   * `bad-argument` when the numbers differ.
   */
  async verify(who: string, number: string | false): Promise<Contact> {
    const contact = this.#find(who);
    const digits = (text: string): string => text.replace(/\D/g, '');
    if (number !== false && digits(number) !== digits(this.#numberOf(contact))) {
      throw new ParleyError('bad-argument', `the numbers differ: either a digit is wrong, or this is not the key of ${calledOf(contact)}`);
    }
    return this.#changed(contact, (known) => ({ ...known, verified: number !== false }));
  }

  /**
   * This node's key names another in its place. Tells the contacts that the user picks; resolves with those to whom it is on its way. Errors:
   * `not-found`, `conflict`, those of the store.
   */
  async rotate(next: Identity, whom: readonly string[]): Promise<{ readonly told: Contact[]; readonly untold: Contact[] }> {
    const { identity, ports } = this.#deps;
    const contacts = whom.map((who) => this.#find(who)).filter(({ state, blocked }) => state === 'accepted' && !blocked);
    const statement = await signKeyChange(identity, next, ports.clock.now());
    const told: Contact[] = [];
    const untold: Contact[] = [];
    const tell = async (contact: Contact): Promise<void> => {
      try {
        await this.#outbox.tellKey(contact, statement);
        told.push(contact);
      } catch (error) {
        if (!['unreachable', 'bad-certificate'].includes(errorCode(error))) throw error;
        untold.push(contact);
      }
    };
    await Promise.all(contacts.map(tell));
    return { told, untold };
  }

  /** The user believes that a contact has a new key, or does not. Errors: `not-found`, `conflict`, those of the store. */
  async decideKey(who: string, believed: boolean): Promise<Contact> {
    const contact = this.#find(who);
    const decided = await this.#ledger.change(() => {
      const change = this.#book.decideKey(this.#book.get(contact.keyId) ?? contact, believed);
      return { change, result: change.put?.[0] ?? contact };
    });
    this.#tell(decided, 'changed');
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

  #known(who: string): Contact | undefined {
    try {
      return this.#find(who);
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

  async #onRequest({ data, origin, message }: Arrival<DataOf<typeof CONTACT>>): Promise<Verdict> {
    const { ports, favoured } = this.#deps;
    const keyId = message.auth?.key ?? '';
    const time = parseTimestamp(message.auth?.time ?? '') ?? 0;
    if (utf8(data.text ?? '').length > MAX_NOTE_BYTES) return { verdict: 'drop', reason: 'contact-text' };
    // Nothing is worked out, and nothing comes out of it, for those whom the user does not want to hear of.
    if (this.#book.get(keyId)?.blocked) return { verdict: 'drop', reason: 'contact-blocked' };
    if (this.#ledger.isDecided(keyId, time)) return { verdict: 'drop', reason: 'contact-replayed' };
    if (!this.#mayAsk(keyId)) return { verdict: 'drop', reason: 'contact-asked-too-often' };
    if (!this.#book.get(keyId) && !favoured(origin) && !this.#ofAll.take(ports.clock.monotonic())) {
      return { verdict: 'refuse', reason: 'too many ask at once' };
    }
    const who = { keyId, nodeId: origin, name: data.name };
    const ask = { note: data.text, package: data.package, time };
    return this.#hear(() => this.#book.requested(who, ask, ports.clock.now()), keyId);
  }

  #mayAsk(keyId: string): boolean {
    const now = this.#deps.ports.clock.monotonic();
    return this.#ofOne.of(keyId, this.#config.requestsOfOne, now).take(now);
  }

  async #onAnswer({ data, message }: Arrival<DataOf<typeof CONTACT_ANSWER>>): Promise<Verdict> {
    const keyId = message.auth?.key ?? '';
    const contact = this.#book.get(keyId);
    // The answer to something that was asked before the user removed them, said again.
    if (contact && (parseTimestamp(data.asked) ?? 0) < contact.added) return { verdict: 'drop', reason: 'contact-replayed' };
    const verdict = await this.#hear(() => this.#book.answered(keyId, data.answer), keyId);
    if (verdict.verdict === 'accept' && data.welcome !== undefined) await this.#deps.introductions?.welcome(keyId, data.welcome);
    return verdict;
  }

  async #onNewKey({ data, message }: Arrival<DataOf<typeof NEW_KEY>>): Promise<Verdict> {
    const change = await readKeyChange(this.#reader, data.statement);
    // Either of the two keys may bring it.
    if (!change || ![change.from, change.to].includes(message.auth?.key ?? '')) return { verdict: 'drop', reason: 'new-key-forged' };
    const now = this.#deps.ports.clock.now();
    const { keyChangeBackMs, keyChangeAheadMs } = this.#config;
    if (change.time < now - keyChangeBackMs || change.time > now + keyChangeAheadMs) return { verdict: 'drop', reason: 'new-key-stale' };
    return this.#hear(() => this.#book.keyNamed(change), change.from, 'key-change');
  }

  /** Takes what came: on disk before it is acknowledged. */
  async #hear(decide: () => Heard, keyId: string, told?: ContactNews): Promise<Verdict> {
    const before = this.#book.get(keyId);
    const heard = await this.#ledger.change<{ heard: Heard; gone: Contact[] }>(() => {
      const found = decide();
      if ('refused' in found) return { result: { heard: found, gone: [] } };
      const gone = (found.change.gone ?? []).flatMap((id) => this.#book.get(id) ?? []);
      return { change: found.change, result: { heard: found, gone } };
    });
    if ('refused' in heard.heard) return refusal(heard.heard.refused);
    for (const contact of heard.gone) {
      this.#deps.metrics.reject('contact-gave-way');
      this.#tell(contact, 'removed');
    }
    const { outcome } = heard.heard;
    const contact = this.#book.get(keyId);
    if (contact) {
      const news = told ?? (outcome === 'waiting' ? 'incoming' : outcome === 'again' ? 'changed' : outcome);
      if (outcome !== 'again' || contact !== before) this.#tell(contact, news);
      this.#outbox.look(contact);
    }
    return ACCEPT;
  }
}

/** Who is blocked does not learn of it. */
function refusal(refused: Refusal): Verdict {
  return refused === 'contacts-full' ? { verdict: 'refuse', reason: 'too many wait for an answer' } : { verdict: 'drop', reason: refused };
}

function checkNote(note: string | undefined): string | undefined {
  const text = note?.normalize('NFC').trim();
  if (text === undefined || text === '') return undefined;
  if (/[\p{Cc}\p{Cs}]/u.test(text)) throw new ParleyError('bad-argument', 'the words of a request hold no control characters');
  if (utf8(text).length > MAX_NOTE_BYTES) throw new ParleyError('too-large', `the words of a request have at most ${MAX_NOTE_BYTES} bytes`);
  return text;
}

/** A contact as people are shown it: what the user calls them, else `name#1a2b`, else the beginning of the key. */
export function contactDisplay(contact: Contact): string {
  const { alias, name, nodeId } = contact;
  return alias ?? (name === undefined ? calledOf(contact) : displayName(name, nodeId));
}
