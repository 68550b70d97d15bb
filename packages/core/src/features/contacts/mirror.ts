import { type KeyBook, safetyNumber } from '../../identity/index.ts';
import type { Crypto } from '../../ports/crypto.ts';
import { ParleyError } from '../../util/errors.ts';
import { KeyId, Name, Type, validator } from '../../wire/schema.ts';
import type { ContactBook } from './book.ts';
import type { Contact, ContactNews } from './contact.ts';
import type { Ledger } from './ledger.ts';

/** Whom this node stands for. */
export interface OwnPerson {
  readonly keyId: string;
  readonly nodeId: string;
  /** What they are called. */
  readonly name: string;
  /** Whether their key is that of another device. */
  readonly isLinked: boolean;
  /** Whether a node is one of theirs. */
  isOwn(nodeId: string): boolean;
  /** Their key, which is another device's, has named another in its place. Whether this device goes along. Errors: those of the store. */
  follow(change: { readonly from: string; readonly to: string; readonly time: number }): Promise<boolean>;
}

/** For who has one device. */
export const onlyOne = ({ keyId, nodeId, name }: { keyId: string; nodeId: string; name: string }): OwnPerson => ({
  keyId,
  nodeId,
  name,
  isLinked: false,
  isOwn: (other) => other === nodeId,
  follow: async () => false,
});

const Key = Type.Object({ keyId: KeyId, time: Type.Number() });
const snapshots = validator(
  Type.Object({
    state: Type.Union([Type.Literal('accepted'), Type.Literal('incoming')]),
    name: Type.Optional(Name),
    alias: Type.Optional(Name),
    verified: Type.Boolean(),
    blocked: Type.Boolean(),
    added: Type.Number(),
    change: Type.Optional(Key),
    before: Type.Optional(Key),
    changed: Type.Optional(Type.Number()),
  }),
);

export interface MirrorDeps {
  readonly crypto: Crypto;
  readonly keys: KeyBook;
  readonly book: ContactBook;
  readonly ledger: Ledger;
  readonly person: () => OwnPerson;
}

/** The book of contacts as the devices of one person share it: those who have accepted, and those who are blocked. */
export class Mirror {
  readonly #book: ContactBook;
  readonly #ledger: Ledger;
  readonly #keys: KeyBook;
  readonly #crypto: Crypto;
  readonly #person: () => OwnPerson;
  readonly #tell: (contact: Contact, news: ContactNews) => void;

  constructor(deps: MirrorDeps, tell: (contact: Contact, news: ContactNews) => void) {
    this.#book = deps.book;
    this.#ledger = deps.ledger;
    this.#keys = deps.keys;
    this.#crypto = deps.crypto;
    this.#person = deps.person;
    this.#tell = tell;
  }

  /** Throws `refused` where the key of the person is not here: it signs what is asked and answered. */
  checkFirst(): void {
    if (this.#person().isLinked) throw new ParleyError('refused', 'contacts are asked, and answered, on the first device');
  }

  /** The 60 digits that both see, whichever of their devices they look at. */
  numberWith({ keyId }: Contact): string {
    const [own, other] = [this.#keys.resolve(this.#person().keyId), this.#keys.resolve(keyId)];
    if (!own || !other) throw new ParleyError('corrupt', 'a contact has no key');
    return safetyNumber(this.#crypto, own.publicKey, other.publicKey);
  }

  /** What other devices are told of a contact: JSON. Undefined of whom they know nothing. */
  snapshot(contact: Contact): string | undefined {
    const { state, name, alias, verified, blocked, added, change, before, changed } = contact;
    if (state !== 'accepted' && !blocked) return undefined;
    return JSON.stringify({
      state: state === 'accepted' ? state : 'incoming',
      name,
      alias,
      verified,
      blocked,
      added,
      change: change && { keyId: change.keyId, time: change.time },
      before,
      changed,
    });
  }

  all(): (readonly [string, string])[] {
    return this.#book.all().flatMap((contact) => {
      const snapshot = this.snapshot(contact);
      return snapshot === undefined ? [] : [[contact.keyId, snapshot]];
    });
  }

  /** Another device has this contact so, or has it no more. Errors: `bad-argument`, those of the store. */
  async adopt(keyId: string, snapshot: string | undefined): Promise<void> {
    const known = this.#book.get(keyId);
    if (snapshot === undefined) {
      if (known?.state === 'accepted' || known?.blocked) await this.#forget(known);
      return;
    }
    const said: unknown = JSON.parse(snapshot);
    const nodeId = this.#keys.resolve(keyId)?.nodeId;
    if (nodeId === undefined || !snapshots.check(said)) throw new ParleyError('bad-argument', 'this is no contact');
    if ((known && this.snapshot(known) === snapshot) || this.#person().isOwn(nodeId)) return;
    const { change, ...rest } = said;
    const changeNode = change && this.#keys.resolve(change.keyId)?.nodeId;
    const noted = change && changeNode !== undefined ? { change: { ...change, nodeId: changeNode } } : {};
    const contact = await this.#ledger.change(() => {
      const { note, asked, owed, package: offered } = this.#book.get(keyId) ?? ({} as Partial<Contact>);
      const open = { ...(note === undefined ? {} : { note }), ...(asked === undefined ? {} : { asked }) };
      const due = { ...(owed === undefined ? {} : { owed }), ...(offered === undefined ? {} : { package: offered }) };
      const next: Contact = { ...open, ...due, ...rest, ...noted, keyId, nodeId };
      return { change: { put: [next] }, result: next };
    });
    this.#tell(contact, known?.state !== 'accepted' && contact.state === 'accepted' ? 'accepted' : 'changed');
  }

  /** This node stands for somebody else: the contacts are not its own. Errors: those of the store. */
  async forgetAll(): Promise<void> {
    for (const contact of this.#book.all()) await this.#forget(contact);
  }

  async #forget(contact: Contact): Promise<void> {
    await this.#ledger.change(() => ({ change: { gone: [contact.keyId] }, result: undefined }));
    this.#tell(contact, 'removed');
  }
}
