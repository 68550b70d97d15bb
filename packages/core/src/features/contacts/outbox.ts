import type { Identity } from '../../identity/identity.ts';
import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { timestamp } from '../../wire/message.ts';
import type { ContactBook } from './book.ts';
import type { ContactConfig } from './config.ts';
import type { Contact } from './contact.ts';
import type { Ledger } from './ledger.ts';
import { CONTACT, CONTACT_ANSWER } from './verbs.ts';

/** How direct sessions are begun, where there are any: what goes with a request and its answer. Base64. */
export interface Introductions {
  /** What the other side begins a session with. */
  offer(keyId: string): Promise<string>;
  /** Begins a session with what the other side offered. */
  answer(keyId: string, offered: string): Promise<string | undefined>;
  /** What was begun with their offer is on its way to them. */
  begun(keyId: string): void;
  /** A session was begun with what we offered. */
  welcome(keyId: string, welcome: string): Promise<boolean>;
}

export interface OutboxDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly book: ContactBook;
  readonly ledger: Ledger;
  /** Whom to seal to; waits for a certificate that is not here. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  readonly introductions: (() => Introductions) | undefined;
}

/** Requests and answers on their way to contacts, until the network has them: for that the other's certificate is needed first. */
export class Outbox {
  readonly #deps: OutboxDeps;
  readonly #config: ContactConfig;
  readonly #scope: Scope;
  readonly #busy = new Set<string>();

  constructor(deps: OutboxDeps, config: ContactConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
  }

  start(): void {
    this.#scope.every(
      () => this.#config.tryAgainMs * (0.67 + 0.66 * this.#deps.ports.random.number()),
      () => {
        for (const contact of this.#deps.book.all()) this.look(contact);
      },
    );
    this.#scope.add(
      this.#deps.overlay.events.on('presence', ({ nodeId, present }) => {
        const contact = present ? this.#deps.book.get(nodeId) : undefined;
        if (contact) this.look(contact);
      }),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** Does what is due for a contact. */
  look(contact: Contact): void {
    if (contact.blocked || this.#busy.has(contact.keyId)) return;
    const due = contact.owed !== undefined ? this.#answer(contact) : this.#isAskDue(contact) ? this.#ask(contact) : undefined;
    if (!due) return;
    this.#busy.add(contact.keyId);
    const done = due.finally(() => this.#busy.delete(contact.keyId));
    // It is tried again, and the user sees that there is no answer yet.
    this.#scope.run(done, (error) =>
      this.#deps.ports.log.debug('a contact could not be written to', { error: ParleyError.from(error).message }),
    );
  }

  /** Tells somebody no. It is said once: they may ask again. */
  decline({ nodeId, asked }: Contact): void {
    const said = async (): Promise<void> => {
      const target = await this.#deps.target(nodeId);
      await this.#deps.overlay.sealed.send(CONTACT_ANSWER, { answer: 'declined', asked: timestamp(asked ?? 0) }, { target });
    };
    this.#scope.run(said(), (error) =>
      this.#deps.ports.log.debug('a contact could not be written to', { error: ParleyError.from(error).message }),
    );
  }

  #isAskDue({ state, declined, asked, added }: Contact): boolean {
    if (state !== 'requested' || declined) return false;
    const now = this.#deps.ports.clock.now();
    return asked === undefined || (now - asked >= this.#config.askAgainMs && now - added < this.#config.askForMs);
  }

  async #ask({ keyId, nodeId, note }: Contact): Promise<void> {
    const { identity, introductions, overlay, ports } = this.#deps;
    const target = await this.#deps.target(nodeId);
    const offered = await introductions?.().offer(keyId);
    const words = {
      name: identity.name,
      ...(note === undefined ? {} : { text: note }),
      ...(offered === undefined ? {} : { package: offered }),
    };
    await overlay.sealed.send(CONTACT, words, { target });
    await this.#note(keyId, (contact) => ({ ...contact, asked: ports.clock.now() }));
  }

  async #answer({ keyId, nodeId, asked, package: offered }: Contact): Promise<void> {
    const { introductions, overlay } = this.#deps;
    const target = await this.#deps.target(nodeId);
    const welcome = offered === undefined ? undefined : await introductions?.().answer(keyId, offered);
    const words = { answer: 'accepted' as const, asked: timestamp(asked ?? 0), ...(welcome === undefined ? {} : { welcome }) };
    await overlay.sealed.send(CONTACT_ANSWER, words, { target });
    if (welcome !== undefined) introductions?.().begun(keyId);
    // They may have asked anew meanwhile: that is answered too.
    await this.#note(keyId, ({ owed, package: _, ...rest }) => (rest.asked === asked ? rest : { ...rest, owed: 'accepted' }));
  }

  /** Notes something of a contact that may have changed, or gone, meanwhile. */
  #note(keyId: string, change: (contact: Contact) => Contact): Promise<void> {
    const { book, ledger } = this.#deps;
    return ledger.change(() => {
      const contact = book.get(keyId);
      return contact ? { change: { put: [change(contact)] }, result: undefined } : { result: undefined };
    });
  }
}
