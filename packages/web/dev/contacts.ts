import type { TabEvent, TabNode } from '@parley/browser';
import { type ContactView, ParleyError, type Person, parseContactLink } from '@parley/core';

type ContactCalls = Pick<
  TabNode,
  | 'contacts'
  | 'contactLink'
  | 'addContact'
  | 'acceptContact'
  | 'declineContact'
  | 'removeContact'
  | 'renameContact'
  | 'blockContact'
  | 'unblockContact'
  | 'verifyContact'
  | 'decideKey'
>;
type News = Extract<TabEvent, { event: 'contact' }>['news'];

const HOUR = 3_600_000;

/** Made-up contacts, with a book that changes as the real one does. */
export class MadeContacts {
  readonly calls: ContactCalls;
  readonly #tell: (event: TabEvent) => void;
  #book: ContactView[];

  constructor(book: readonly ContactView[], link: string, tell: (event: TabEvent) => void) {
    this.#book = [...book];
    this.#tell = tell;
    this.calls = {
      contacts: async () => this.#book,
      contactLink: async () => link,
      addContact: async (typed, options = {}) => this.#add(typed, options),
      acceptContact: async (who) => this.#change(who, (contact) => ({ ...contact, state: 'accepted' }), 'accepted'),
      declineContact: async (who) => this.#remove(who),
      removeContact: async (who) => this.#remove(who),
      renameContact: async (who, alias) =>
        this.#change(who, ({ alias: _, ...contact }) => ({
          ...contact,
          ...(alias !== undefined && { alias }),
          display: alias ?? contact.name ?? contact.key.slice(0, 12),
        })),
      blockContact: async (who) => this.#change(who, (contact) => ({ ...contact, blocked: true })),
      unblockContact: async (who) => {
        this.#change(who, (contact) => ({ ...contact, blocked: false }));
      },
      verifyContact: async (who, number) => this.#change(who, (contact) => ({ ...contact, verified: number !== undefined })),
      decideKey: async (who, believed) => this.#decide(who, believed),
    };
  }

  /** Somebody asks, while one looks. */
  ask(contact: ContactView): void {
    this.#put(contact, 'incoming');
  }

  #find(who: string): ContactView {
    const found = this.#book.find(({ key }) => key === who);
    if (!found) throw new ParleyError('not-found', `no contact ${who} is known here`);
    return found;
  }

  #put(contact: ContactView, news: News, instead = contact.key): ContactView {
    this.#book = [...this.#book.filter(({ key }) => key !== contact.key && key !== instead), contact];
    this.#tell({ event: 'contact', news, contact });
    return contact;
  }

  #change(who: string, how: (contact: ContactView) => ContactView, news: News = 'changed'): ContactView {
    return this.#put(how(this.#find(who)), news);
  }

  #remove(who: string): void {
    const contact = this.#find(who);
    this.#book = this.#book.filter((each) => each !== contact);
    this.#tell({ event: 'contact', news: 'removed', contact });
  }

  #add(typed: string, { alias, note }: { readonly alias?: string; readonly note?: string }): ContactView {
    const { keyId: key, name } = parseContactLink(typed);
    return this.#put(
      {
        key,
        node_id: crypto.randomUUID(),
        ...(name !== undefined && { name }),
        ...(alias !== undefined && { alias }),
        ...(note !== undefined && { note }),
        display: alias ?? name ?? key.slice(0, 12),
        state: 'requested',
        verified: false,
        blocked: false,
        present: false,
        added: new Date().toISOString(),
      },
      'requested',
    );
  }

  #decide(who: string, believed: boolean): ContactView {
    const { new_key, ...contact } = this.#find(who);
    if (!believed || !new_key) return this.#put(contact, 'changed');
    return this.#put({ ...contact, key: new_key.key, verified: false, before: { key: contact.key, time: new_key.time } }, 'changed', who);
  }
}

/** What a made-up person is to the user. */
export function contactOf(person: Person, part: Partial<ContactView> = {}): ContactView {
  const { node_id, key = '', name, display, present } = person;
  return {
    key,
    node_id,
    ...(name !== undefined && { name }),
    display,
    state: 'accepted',
    ...((part.state ?? 'accepted') === 'accepted' && { channel_id: `direct ${node_id}` }),
    verified: false,
    blocked: false,
    present,
    added: new Date(Date.now() - 5 * HOUR).toISOString(),
    ...part,
  };
}
