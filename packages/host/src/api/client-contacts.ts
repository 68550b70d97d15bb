import type { ContactLinkView, ContactList, ContactView, RotationState, RotationView, SafetyNumberView } from '@parley/core';
import type { ApiRequest } from './client-request.ts';

const path = (who: string, rest: string): string => `/v1/contacts/${encodeURIComponent(who)}/${rest}`;

/** Contacts of a running node. `who`: a key id, node id, name or alias. Errors: `not-found`, `conflict` (several of that name, keys in `data.keys`), … */
export class ContactClient {
  readonly #ask: (request: ApiRequest) => Promise<unknown>;

  constructor(ask: (request: ApiRequest) => Promise<unknown>) {
    this.#ask = ask;
  }

  async list(): Promise<ContactView[]> {
    return (await this.#call<ContactList>({ method: 'GET', path: '/v1/contacts' })).contacts;
  }

  /** The link by which others add the user of the node. */
  async link(): Promise<string> {
    return (await this.#call<ContactLinkView>({ method: 'GET', path: '/v1/contacts/link' })).link;
  }

  /** By link or key id. Errors: `bad-argument`, `conflict`, `quota`, those of the store. */
  add(link: string, options: { readonly alias?: string; readonly note?: string } = {}): Promise<ContactView> {
    return this.#call({ method: 'POST', path: '/v1/contacts', body: { link, ...options } });
  }

  accept(who: string): Promise<ContactView> {
    return this.#call({ method: 'POST', path: path(who, 'accept') });
  }

  decline(who: string): Promise<void> {
    return this.#call({ method: 'POST', path: path(who, 'decline') });
  }

  remove(who: string): Promise<void> {
    return this.#call({ method: 'POST', path: path(who, 'remove') });
  }

  rename(who: string, alias?: string): Promise<ContactView> {
    return this.#call({ method: 'POST', path: path(who, 'rename'), body: alias === undefined ? {} : { alias } });
  }

  block(who: string): Promise<ContactView> {
    return this.#call({ method: 'POST', path: path(who, 'block') });
  }

  unblock(who: string): Promise<void> {
    return this.#call({ method: 'POST', path: path(who, 'unblock') });
  }

  async safetyNumber(who: string): Promise<string> {
    return (await this.#call<SafetyNumberView>({ method: 'GET', path: path(who, 'safety-number') })).number;
  }

  /** Errors: `bad-argument` when the numbers differ. */
  verify(who: string, number?: string): Promise<ContactView> {
    return this.#call({ method: 'POST', path: path(who, 'verify'), body: number === undefined ? {} : { number } });
  }

  decideKey(who: string, believed: boolean): Promise<ContactView> {
    return this.#call({ method: 'POST', path: path(who, 'key'), body: { believed } });
  }

  /** The new key of the user that was begun with, if any. */
  async rotation(): Promise<RotationView | undefined> {
    return (await this.#call<RotationState>({ method: 'GET', path: '/v1/rotation' })).rotation;
  }

  /** Errors: `conflict`, `refused`, `not-found`, those of the store. */
  beginRotation(contacts: readonly string[] | 'verified' | 'all'): Promise<RotationView> {
    return this.#call({ method: 'POST', path: '/v1/rotation', body: { contacts } });
  }

  /** The node ends after the answer. Errors: `not-found`, `conflict` while contacts are not told, `timeout`. */
  finishRotation(anyway: boolean): Promise<void> {
    return this.#call({ method: 'POST', path: '/v1/rotation/finish', body: { anyway } });
  }

  cancelRotation(): Promise<void> {
    return this.#call({ method: 'POST', path: '/v1/rotation/cancel' });
  }

  /** An answer has the type that its route declares. */
  async #call<T>(request: ApiRequest): Promise<T> {
    return (await this.#ask(request)) as T;
  }
}
