import type {
  ChannelView,
  ClosedSettings,
  ClosedView,
  HistoryPolicy,
  InvitationList,
  InvitationView,
  MemberView,
  Role,
} from '@parley/core';
import type { ApiRequest } from './client-request.ts';

const channel = (id: string, rest: string): string => `/v1/channels/${encodeURIComponent(id)}/${rest}`;
const invitation = (id: string, rest: string): string => `/v1/invitations/${encodeURIComponent(id)}/${rest}`;

/** Closed channels of a running node. `who`: a key id, node id, a contact's name or alias, or a member as they are shown. */
export class ClosedClient {
  readonly #ask: (request: ApiRequest) => Promise<unknown>;

  constructor(ask: (request: ApiRequest) => Promise<unknown>) {
    this.#ask = ask;
  }

  /** Errors: `bad-argument`, `quota`, those of the store. */
  create(name: string, history?: HistoryPolicy): Promise<ChannelView> {
    return this.#call({
      method: 'POST',
      path: '/v1/channels',
      body: { name, closed: true, ...(history === undefined ? {} : { history }) },
    });
  }

  view(id: string): Promise<ClosedView> {
    return this.#call({ method: 'GET', path: channel(id, 'closed') });
  }

  /** Errors: `refused` where the own role does not allow it, `conflict` for a member, `unreachable`, `not-found`. */
  invite(id: string, who: string, role?: Exclude<Role, 'owner'>): Promise<MemberView> {
    return this.#call({ method: 'POST', path: channel(id, 'invite'), body: { who, ...(role === undefined ? {} : { role }) } });
  }

  async invitations(): Promise<InvitationView[]> {
    return (await this.#call<InvitationList>({ method: 'GET', path: '/v1/invitations' })).invitations;
  }

  /** Errors: `not-found`, `timeout` when no member has given the key yet. */
  accept(id: string): Promise<ChannelView> {
    return this.#call({ method: 'POST', path: invitation(id, 'accept') });
  }

  decline(id: string): Promise<void> {
    return this.#call({ method: 'POST', path: invitation(id, 'decline') });
  }

  /** Errors: `refused`, `not-member`. */
  remove(id: string, who: string): Promise<void> {
    return this.#call({ method: 'POST', path: channel(id, 'remove'), body: { who } });
  }

  /** Errors: `refused`, `not-member`. */
  setRole(id: string, who: string, role: Role): Promise<MemberView> {
    return this.#call({ method: 'POST', path: channel(id, 'role'), body: { who, role } });
  }

  settings(id: string, changes: ClosedSettings): Promise<ChannelView> {
    return this.#call({ method: 'POST', path: channel(id, 'settings'), body: changes });
  }

  /** An answer has the type that its route declares. */
  async #call<T>(request: ApiRequest): Promise<T> {
    return (await this.#ask(request)) as T;
  }
}
