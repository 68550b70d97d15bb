import type { Arrival, FoundKey, Opened, Overlay, SealedContent, Sealing } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import type { JsonObject } from '../../wire/json.ts';
import { openJwe, readJwe, type SealingTarget, sealJwe } from '../../wire/jwe.ts';
import type { Verb } from '../../wire/verb.ts';
import type { DirectConfig } from './config.ts';
import type { OpenedMessages } from './opened.ts';
import type { Sessions } from './sessions.ts';

/** Somebody whom the user knows, as far as conversations go. */
export interface Acquaintance {
  readonly keyId: string;
  readonly nodeId: string;
  readonly name?: string;
  readonly alias?: string;
  readonly state: string;
  readonly blocked: boolean;
  /** The key that they had before this one. */
  readonly before?: { readonly keyId: string };
}

export interface SealingDeps {
  readonly ports: Ports;
  readonly self: { readonly nodeId: string; readonly keyId: string };
  readonly overlay: Overlay;
  readonly sessions: Sessions;
  readonly opened: OpenedMessages;
  readonly config: DirectConfig;
  /** Whom a conversation is with. */
  readonly partner: (channelId: string) => Acquaintance | undefined;
  /** Asks a contact to begin a session. */
  readonly ask: (contact: Acquaintance) => void;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
}

/** Says nothing but numbers: forward secrecy is not worth a step of the ratchet. */
const NUMBERS_ONLY: ReadonlySet<string> = new Set(['HAVE', 'WANT']);

const isAccepted = (contact: Acquaintance | undefined): contact is Acquaintance => contact?.state === 'accepted' && !contact.blocked;

/** How direct conversations are sealed: each message with a key of its own, which goes through the session of the two. */
export class DirectSealing implements Sealing {
  readonly #deps: SealingDeps;
  /** Content keys of messages that were opened and may not be on disk yet, by sender and id. */
  readonly #recent: LruMap<string, { readonly key: Uint8Array; readonly at: number; readonly writes: readonly StoreWrite[] }>;
  /** When something in a session that is not here was first seen, by its id. */
  readonly #waiting = new LruMap<string, number>(1000);

  constructor(deps: SealingDeps) {
    this.#deps = deps;
    this.#recent = new LruMap(deps.config.recentKeys);
  }

  /** Errors: `refused` where the other is no contact. */
  async seal(channelId: string, content: JsonObject, { msgId }: { readonly msgId: string }): Promise<SealedContent | 'later'> {
    const { ports, self, sessions, ask } = this.#deps;
    const contact = this.#deps.partner(channelId);
    if (!isAccepted(contact)) throw new ParleyError('refused', 'direct messages go to contacts who have accepted, and are not blocked');
    const due = await sessions.isDue(contact.keyId);
    if (due) ask(contact);
    const wrapped = await sessions.wrap(contact.keyId);
    if (!wrapped) return 'later';
    const compact = await sealJwe(ports, wrapped.key, { nodeId: self.nodeId, msgId, channelId }, content);
    return { compact, writes: wrapped.writes };
  }

  async open(
    channelId: string,
    { origin, msgId, parts }: { readonly origin: string; readonly msgId: string; readonly parts: readonly string[] },
  ): Promise<Opened> {
    const { ports, opened } = this.#deps;
    const contact = this.#deps.partner(channelId);
    if (!contact || contact.nodeId !== origin) return { verdict: 'refuse', reason: 'not a contact' };
    // Who is blocked does not learn of it.
    if (contact.blocked) return { verdict: 'drop', reason: 'contact-blocked' };
    if (contact.state !== 'accepted') return { verdict: 'refuse', reason: 'not a contact' };
    const jwe = readJwe(parts, { nodeId: origin, msgId, channelId });
    if (!jwe?.byRatchet) return { verdict: 'drop', reason: 'direct-form' };
    const { keyId } = contact;
    const found = this.#lately(`${keyId} ${msgId}`) ?? (await this.#unwrap(contact, jwe.kid, jwe.encryptedKey));
    if (found === 'later') return { verdict: 'later', reason: 'direct-session' };
    if (found === undefined) {
      if (await opened.has(keyId, msgId)) return { verdict: 'accept', receipt: true };
      this.#deps.ask(contact);
      return { verdict: 'refuse', reason: 'no such session' };
    }
    const content = await openJwe(ports.crypto, jwe, found.key);
    if (!content) return { verdict: 'drop', reason: 'direct-opening' };
    const now = ports.clock.now();
    this.#recent.set(`${keyId} ${msgId}`, { key: found.key, at: ports.clock.monotonic(), writes: found.writes });
    return { verdict: 'opened', content, writes: [...found.writes, opened.write(keyId, msgId, now)] };
  }

  /** The key of what came sealed and is no message: used at once. */
  async keyFor(
    kid: string,
    from: { readonly origin: string; readonly channelId: string | undefined; readonly wrapped: Uint8Array },
  ): Promise<FoundKey> {
    const contact = from.channelId === undefined ? undefined : this.#deps.partner(from.channelId);
    if (!isAccepted(contact) || contact.nodeId !== from.origin || from.wrapped.length === 0) return undefined;
    const found = await this.#unwrap(contact, kid, from.wrapped);
    if (found === undefined || found === 'later') return undefined;
    await this.#deps.ports.store.commit(found.writes);
    return { kid, key: found.key };
  }

  async say<N extends string, D extends object>(
    channelId: string,
    nodeId: string,
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<void> {
    const { overlay, ports, sessions, target } = this.#deps;
    const contact = this.#deps.partner(channelId);
    if (!isAccepted(contact) || contact.nodeId !== nodeId) return;
    const given = data as Parameters<typeof overlay.sealed.send<N, D>>[1];
    if (NUMBERS_ONLY.has(verb.name)) {
      await overlay.sealed.send(verb, given, { target: await target(nodeId) }, { custody: false });
      return;
    }
    const wrapped = await sessions.wrap(contact.keyId);
    if (!wrapped) {
      this.#deps.ask(contact);
      return;
    }
    await ports.store.commit(wrapped.writes);
    await overlay.sealed.send(verb, given, { key: wrapped.key, channelId, recipients: [nodeId] }, { custody: false });
  }

  admits(channelId: string, { origin, sealed }: Pick<Arrival, 'origin' | 'sealed'>): boolean {
    const contact = this.#deps.partner(channelId);
    return isAccepted(contact) && contact.nodeId === origin && (sealed?.toCertificate === true || sealed?.channelId === channelId);
  }

  confides(channelId: string, nodeId: string): boolean {
    const contact = this.#deps.partner(channelId);
    return isAccepted(contact) && contact.nodeId === nodeId;
  }

  mayHaveWritten(channelId: string, nodeId: string): boolean {
    const contact = this.#deps.partner(channelId);
    return contact !== undefined && (nodeId === contact.nodeId || nodeId === this.#deps.self.nodeId);
  }

  /** The key id that a message of one of the two names: nobody can pass it on as said to a third. */
  addressee(channelId: string, author: string): string | undefined {
    const contact = this.#deps.partner(channelId);
    return author === this.#deps.self.nodeId ? contact?.keyId : this.#deps.self.keyId;
  }

  /** Undefined: it does not open. */
  async #unwrap(
    contact: Acquaintance,
    kid: string,
    wrapped: Uint8Array,
  ): Promise<{ key: Uint8Array; writes: readonly StoreWrite[] } | 'later' | undefined> {
    const found = await this.#deps.sessions.unwrap(contact.keyId, kid, wrapped);
    if (found === 'spent') return undefined;
    if (found !== 'unknown') return found;
    // Its welcome may be on the way; or it went with a disk.
    const now = this.#deps.ports.clock.monotonic();
    const first = this.#waiting.get(kid) ?? now;
    this.#waiting.set(kid, first);
    if (now - first >= this.#deps.config.waitMs) return undefined;
    this.#deps.ask(contact);
    return 'later';
  }

  #lately(id: string): { key: Uint8Array; writes: readonly StoreWrite[] } | undefined {
    const recent = this.#recent.get(id);
    if (!recent) return undefined;
    if (this.#deps.ports.clock.monotonic() - recent.at < this.#deps.config.recentMs) return recent;
    this.#recent.delete(id);
    return undefined;
  }

  /** Lets go of keys that nothing needs any more. */
  trim(): void {
    for (const [id] of [...this.#recent.entries()]) this.#lately(id);
  }
}
