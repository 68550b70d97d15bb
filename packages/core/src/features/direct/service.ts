import type { Identity, KeyBook } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Sealing, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { TableSpec } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import { utf8 } from '../../util/bytes.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import { guidFromDigest } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import { Turns } from '../../util/turns.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { DataOf } from '../../wire/verb.ts';
import { alone, Circles, type DevicesOf, isUndecided, type NodeKey } from './circle.ts';
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
  /** Who has which devices. Default: nobody has any but the one. */
  readonly devices?: DevicesOf;
  /** A session with a contact's node was begun. */
  readonly met?: (node: NodeKey) => void;
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
    /** `reason`: why what waits there will not be sent. */
    endConversation(id: string, about?: { readonly reason?: string }): Promise<void>;
    list(): readonly { readonly id: string; readonly kind: string; readonly joined: boolean }[];
    /** The other has what is needed now: what each lacks is told again. */
    meet(id: string): void;
    /** What could not be sealed can be now. */
    ready(id: string): void;
  };
}

const NOT_TOLD = 'this contact was not told of the new key';
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
  readonly #devices: DevicesOf;
  readonly #circles: Circles;
  readonly #turns = new Turns();
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
    this.#devices = deps.devices ?? alone(identity);
    this.#circles = new Circles({ self: identity, devices: this.#devices, contact: deps.contact });
    this.#direct = new DirectSealing({
      ports,
      self: identity,
      overlay,
      sessions: this.sessions,
      opened: this.#opened,
      config,
      circles: this.#circles,
      ask: (peer) => this.ask(peer),
      target: deps.target,
    });
    this.sealing = this.#direct;
    overlay.sealed.keys((kid, from) => this.#direct.keyFor(kid, from));
    overlay.sealed.handle(SESSION, (arrival) => this.#onSession(arrival));
  }

  /** Goes on with the conversations of contacts. Errors: those of the store. */
  async start(contacts: readonly Acquaintance[]): Promise<void> {
    await keepOwn(this.#deps.ports.store, this.#deps.identity.keyId);
    await this.#openAll(contacts);
    this.#run(this.#turns.take(() => this.#endStray()));
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

  /** The id of the conversation with the holder of a key: the same on both sides, and on all devices of both. */
  idWith(keyId: string): string {
    return this.#idOf(this.#devices.person.keyId, keyId);
  }

  #idOf(own: string, keyId: string): string {
    const { ports } = this.#deps;
    const [one, other] = [own, keyId].sort();
    return guidFromDigest(ports.crypto.sha256(utf8(`parley/direct/1\n${one}\n${other}`)));
  }

  /** A contact is not as before, or is one no more: there is a conversation with those who have accepted, of their name. */
  know(contact: Acquaintance, gone: boolean): void {
    if (gone) this.#run(this.#turns.take(() => this.#end(contact)));
    else if (contact.state === 'accepted') this.#run(this.#turns.take(() => this.#openAll([contact])));
  }

  async #open(contact: Acquaintance): Promise<void> {
    const id = this.idWith(contact.keyId);
    this.#circles.open(id, contact.keyId);
    const peers = this.#circles.peers(contact);
    const members = [this.#deps.identity.nodeId, ...peers.map(({ nodeId }) => nodeId)];
    const { before, keyId } = contact;
    const former = this.#deps.formerKeys().map((own) => this.#idOf(own, keyId));
    const follows = [...(before ? [this.#idOf(this.#devices.person.keyId, before.keyId)] : []), ...former.reverse()];
    await this.#deps.conversations.converse({ id, kind: 'direct', name: contact.alias ?? contact.name ?? keyId, members, follows });
    if (!contact.blocked) for (const peer of peers) if (await this.sessions.isDue(peer.keyId)) this.ask(peer);
  }

  /** One that finds no room does not keep the others from theirs, nor the node from its start: `roomAgain` opens it later. */
  async #openAll(contacts: readonly Acquaintance[]): Promise<void> {
    for (const contact of contacts) {
      if (contact.state !== 'accepted') continue;
      try {
        await this.#open(contact);
      } catch (error) {
        if (errorCode(error) !== 'quota') throw error;
        this.#deps.ports.log.warn('there is no room for the conversation with a contact', { error: ParleyError.from(error).message });
      }
    }
  }

  /** Conversations under a key that was replaced, the own or a contact's: others have taken their places. */
  async #endStray(): Promise<void> {
    const open = new Set(this.#circles.ids());
    for (const { id, kind, joined } of this.#deps.conversations.list())
      if (kind === 'direct' && joined && !open.has(id)) await this.#deps.conversations.endConversation(id, { reason: NOT_TOLD });
  }

  /** Some conversation has ended: those with contacts for which there was no room are opened. */
  roomAgain(contacts: readonly Acquaintance[]): void {
    const open = new Set(this.#deps.conversations.list().flatMap(({ id, joined }) => (joined ? [id] : [])));
    this.#run(this.#turns.take(() => this.#openAll(contacts.filter(({ keyId }) => !open.has(this.idWith(keyId))))));
  }

  /** What was written stays, and nothing can be read or written any more. */
  async #end(contact: Acquaintance): Promise<void> {
    const id = this.idWith(contact.keyId);
    this.#circles.close(id);
    await this.#deps.conversations.endConversation(id);
    for (const { keyId } of this.#devices.nodesOf(contact)) await this.#forget(keyId);
  }

  /** Somebody has other devices than before: those that are gone are heard no more. `contacts`: with whom there are conversations in which that counts. */
  regroup(contacts: readonly Acquaintance[], gone: readonly NodeKey[]): void {
    const regroup = async (): Promise<void> => {
      for (const { keyId } of gone) await this.#forget(keyId);
      await this.#openAll(contacts);
      // With the key of the person conversations are others.
      await this.#endStray();
    };
    this.#run(this.#turns.take(regroup));
  }

  /** What there was with a key is over: should it come back, it begins at once. */
  async #forget(keyId: string): Promise<void> {
    await this.sessions.forget(keyId);
    this.#asked.delete(keyId);
    this.#given.delete(keyId);
  }

  /** This node stands for somebody else now: the conversations that it had are not its own any more. */
  disband(): void {
    const disband = async (): Promise<void> => {
      for (const id of this.#circles.ids()) {
        this.#circles.close(id);
        await this.#deps.conversations.endConversation(id);
      }
    };
    this.#run(disband());
  }

  /** Asks a node of one of the two to begin a session, now and then; one that is away, as long as no earlier question is under way. */
  ask({ keyId, nodeId }: NodeKey): void {
    if (isUndecided(this.#circles.acquainted(nodeId, keyId)?.contact, nodeId) || !this.#mayNow(this.#asked, keyId)) return;
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
    const known = this.#circles.acquainted(origin, message.auth?.key ?? '');
    const { contact } = known ?? {};
    if (contact?.blocked) return { verdict: 'drop', reason: 'contact-blocked' };
    if (!known || (contact && contact.state !== 'accepted')) return { verdict: 'refuse', reason: 'not a contact' };
    if (isUndecided(contact, origin)) return { verdict: 'drop', reason: 'session-undecided' };
    const { keyId } = known.peer;
    if (data.welcome !== undefined) {
      if (!(await this.sessions.welcome(keyId, data.welcome))) return { verdict: 'drop', reason: 'session-welcome' };
      for (const id of contact ? [this.idWith(contact.keyId)] : this.#circles.ids()) {
        this.#deps.conversations.meet(id);
        this.#deps.conversations.ready(id);
      }
    }
    if (data.package !== undefined) {
      if (!this.#mayNow(this.#given, keyId)) return { verdict: 'drop', reason: 'session-asked-too-often' };
      const welcome = await this.sessions.answer(keyId, data.package);
      if (welcome === undefined) return { verdict: 'drop', reason: 'session-package' };
      await this.#deps.overlay.sealed.send(SESSION, { welcome }, { target: await this.#deps.target(origin) });
      if (contact) this.#deps.conversations.ready(this.idWith(contact.keyId));
    }
    if (contact) this.#deps.met?.(known.peer);
    return ACCEPT;
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
