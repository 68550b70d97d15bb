import type { Identity, KeyBook } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Sealing, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { TableSpec } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { guidFromDigest } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { DirectConfig } from './config.ts';
import { OpenedMessages, openedTables } from './opened.ts';
import { keepOwn, sessionTables } from './peers.ts';
import { type Acquaintance, DirectSealing } from './sealing.ts';
import { Sessions } from './sessions.ts';
import { SESSION } from './verbs.ts';

export const directTables: readonly TableSpec[] = [...sessionTables, ...openedTables];

export interface DirectDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** By key id or node id. */
  readonly contact: (id: string) => Acquaintance | undefined;
  /** Key ids that this user had before, the latest last. */
  readonly formerKeys: () => readonly string[];
  /** What carries conversations. */
  readonly conversations: {
    converse(about: {
      id: string;
      kind: 'direct';
      name: string;
      members: readonly string[];
      /** What it may go on from. */
      follows: readonly string[];
    }): Promise<unknown>;
    endConversation(id: string): Promise<void>;
    list(): readonly { readonly id: string; readonly kind: string }[];
    /** The other has what is needed now: what each lacks is told again. */
    meet(id: string): void;
    /** What could not be sealed can be now. */
    ready(id: string): void;
  };
}

const TRIM_MS = 60 * 60_000;
const TRIM_KEYS_MS = 60_000;

/** Direct conversations with contacts, end to end in sessions of the two. */
export class DirectMessages {
  readonly sealing: Sealing;
  readonly sessions: Sessions;
  readonly #deps: DirectDeps;
  readonly #config: DirectConfig;
  readonly #scope: Scope;
  readonly #opened: OpenedMessages;
  readonly #direct: DirectSealing;
  /** With whom a conversation is, by its id: key ids. */
  readonly #partners = new Map<string, string>();
  /** When a contact was last asked for a session, and was last given one (monotonic). */
  readonly #asked = new LruMap<string, number>(5000);
  readonly #given = new LruMap<string, number>(5000);

  constructor(deps: DirectDeps, config: DirectConfig) {
    const { ports, identity, overlay, keys } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.#opened = new OpenedMessages(ports.store);
    this.sessions = new Sessions(ports, identity, keys, config);
    this.#direct = new DirectSealing({
      ports,
      self: identity,
      overlay,
      sessions: this.sessions,
      opened: this.#opened,
      config,
      partner: (channelId) => this.#partner(channelId),
      ask: (contact) => this.ask(contact),
      target: deps.target,
    });
    this.sealing = this.#direct;
    overlay.sealed.keys((kid, from) => this.#direct.keyFor(kid, from));
    overlay.sealed.handle(SESSION, (arrival) => this.#onSession(arrival));
  }

  /** Goes on with the conversations of contacts. Errors: those of the store. */
  async start(contacts: readonly Acquaintance[]): Promise<void> {
    await keepOwn(this.#deps.ports.store, this.#deps.identity.keyId);
    for (const contact of contacts) if (contact.state === 'accepted') await this.#open(contact);
    // Of a key that this node had before.
    for (const { id, kind } of this.#deps.conversations.list()) {
      if (kind === 'direct' && !this.#partners.has(id)) await this.#deps.conversations.endConversation(id);
    }
    this.#scope.every(
      () => TRIM_MS,
      () => this.#run(this.#opened.trim(this.#deps.ports.clock.now() - this.#config.keepMs)),
    );
    this.#scope.every(
      () => TRIM_KEYS_MS,
      () => this.#direct.trim(),
    );
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** How sessions are begun along with what contacts ask and answer. */
  readonly introductions = {
    offer: (keyId: string) => this.sessions.offer(keyId),
    answer: (keyId: string, offered: string) => this.sessions.answer(keyId, offered),
    begun: (keyId: string) => this.#deps.conversations.ready(this.idWith(keyId)),
    welcome: async (keyId: string, welcome: string): Promise<boolean> => {
      const fits = await this.sessions.welcome(keyId, welcome);
      if (fits) this.#deps.conversations.ready(this.idWith(keyId));
      return fits;
    },
  };

  /** The id of the conversation with the holder of a key: the same on both sides. */
  idWith(keyId: string): string {
    return this.#idOf(this.#deps.identity.keyId, keyId);
  }

  #idOf(own: string, keyId: string): string {
    const { ports } = this.#deps;
    const [one, other] = [own, keyId].sort();
    return guidFromDigest(ports.crypto.sha256(utf8(`parley/direct/1\n${one}\n${other}`)));
  }

  /** A contact is not as before, or is one no more: there is a conversation with those who have accepted, of their name. */
  know(contact: Acquaintance, gone: boolean): void {
    if (gone) this.#run(this.#end(contact));
    else if (contact.state === 'accepted') this.#run(this.#open(contact));
  }

  async #open(contact: Acquaintance): Promise<void> {
    const id = this.idWith(contact.keyId);
    this.#partners.set(id, contact.keyId);
    const members = [this.#deps.identity.nodeId, contact.nodeId];
    const { identity, formerKeys } = this.#deps;
    const { before, keyId } = contact;
    const former = formerKeys().map((own) => this.#idOf(own, keyId));
    const follows = [...(before ? [this.#idOf(identity.keyId, before.keyId)] : []), ...former.reverse()];
    const name = contact.alias ?? contact.name ?? keyId;
    await this.#deps.conversations.converse({ id, kind: 'direct', name, members, follows });
    if (!contact.blocked && (await this.sessions.isDue(contact.keyId))) this.ask(contact);
  }

  /** What was written stays, and nothing can be read or written any more. */
  async #end(contact: Acquaintance): Promise<void> {
    const id = this.idWith(contact.keyId);
    this.#partners.delete(id);
    await this.#deps.conversations.endConversation(id);
    await this.sessions.forget(contact.keyId);
  }

  /** Asks a contact to begin a session, now and then; one who is away, as long as no earlier question is under way. */
  ask({ keyId, nodeId }: Acquaintance): void {
    if (!this.#mayNow(this.#asked, keyId)) return;
    const { overlay, ports } = this.#deps;
    const asking = async (): Promise<void> => {
      // Each question has an offer of its own, of which only a few are kept: those that wait for the contact must still be good when it comes.
      if (!overlay.reaches(nodeId) && (await this.sessions.offeredAt(keyId)) > ports.clock.now() - this.#config.askAbsentMs) return;
      const target = await this.#deps.target(nodeId);
      const offered = await this.sessions.offer(keyId);
      await overlay.sealed.send(SESSION, { package: offered }, { target });
    };
    this.#run(asking());
  }

  async #onSession({ data, origin, message }: Arrival<DataOf<typeof SESSION>>): Promise<Verdict> {
    const contact = this.#deps.contact(message.auth?.key ?? '');
    if (contact?.blocked) return { verdict: 'drop', reason: 'contact-blocked' };
    if (contact?.state !== 'accepted' || contact.nodeId !== origin) return { verdict: 'refuse', reason: 'not a contact' };
    const { keyId } = contact;
    if (data.welcome !== undefined) {
      if (!(await this.sessions.welcome(keyId, data.welcome))) return { verdict: 'drop', reason: 'session-welcome' };
      this.#deps.conversations.meet(this.idWith(keyId));
      this.#deps.conversations.ready(this.idWith(keyId));
    }
    if (data.package !== undefined) {
      if (!this.#mayNow(this.#given, keyId)) return { verdict: 'drop', reason: 'session-asked-too-often' };
      const welcome = await this.sessions.answer(keyId, data.package);
      if (welcome === undefined) return { verdict: 'drop', reason: 'session-package' };
      await this.#deps.overlay.sealed.send(SESSION, { welcome }, { target: await this.#deps.target(origin) });
      this.#deps.conversations.ready(this.idWith(keyId));
    }
    return ACCEPT;
  }

  #partner(channelId: string): Acquaintance | undefined {
    const keyId = this.#partners.get(channelId);
    return keyId === undefined ? undefined : this.#deps.contact(keyId);
  }

  #mayNow(last: LruMap<string, number>, keyId: string): boolean {
    const now = this.#deps.ports.clock.monotonic();
    const before = last.get(keyId);
    if (before !== undefined && now - before < this.#config.askEveryMs) return false;
    last.set(keyId, now);
    return true;
  }

  #run(task: Promise<void>): void {
    this.#scope.run(task, (error) =>
      this.#deps.ports.log.debug('a direct session could not be kept up', { error: ParleyError.from(error).message }),
    );
  }
}
