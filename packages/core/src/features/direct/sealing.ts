import type { Arrival, FoundKey, Opened, Overlay, SealedContent, Sealing } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { LruMap } from '../../util/bounded.ts';
import { Turns } from '../../util/turns.ts';
import type { JsonObject } from '../../wire/json.ts';
import { type ContentKey, type Jwe, MAX_RATCHETS, openJwe, readJwe, type SealingTarget, sealJwe } from '../../wire/jwe.ts';
import type { Verb } from '../../wire/verb.ts';
import { type Circles, checkWriting, type NodeKey } from './circle.ts';
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
  /** They name another key, and the user has not said yet whether they believe it. */
  readonly change?: object;
}

export interface SealingDeps {
  readonly ports: Ports;
  readonly self: { readonly nodeId: string; readonly keyId: string };
  readonly overlay: Overlay;
  readonly sessions: Sessions;
  readonly opened: OpenedMessages;
  readonly config: DirectConfig;
  readonly circles: Circles;
  /** Asks a device of one of the two to begin a session. */
  readonly ask: (peer: NodeKey) => void;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
}

/** Says nothing but numbers: forward secrecy is not worth a step of the ratchet. */
const NUMBERS_ONLY: ReadonlySet<string> = new Set(['HAVE', 'WANT']);

/** What is fleeting is said within this time, or not at all. */
const FRESH_MS = 2000;

const isAccepted = (contact: Acquaintance | undefined): contact is Acquaintance => contact?.state === 'accepted' && !contact.blocked;

/** How direct conversations are sealed: each message with a key of its own, which goes through the session of the two. */
export class DirectSealing implements Sealing {
  readonly #deps: SealingDeps;
  /** Content keys of messages that were opened and may not be on disk yet, by sender and id. */
  readonly #recent: LruMap<string, { readonly key: Uint8Array; readonly at: number; readonly writes: readonly StoreWrite[] }>;
  /** When something in a session that is not here was first seen, by its id. */
  readonly #waiting = new LruMap<string, number>(1000);
  readonly #turns = new Turns();

  constructor(deps: SealingDeps) {
    this.#deps = deps;
    this.#recent = new LruMap(deps.config.recentKeys);
  }

  /** What waits for a session must not be joined by what nobody may write: it would go out once somebody is unblocked. Errors: `refused`. */
  checkWriting(channelId: string): void {
    const contact = this.#deps.circles.partner(channelId);
    if (contact) checkWriting(contact);
  }

  /**
   * One message for all devices of both that have a session with this one; later, while none of the contact's has. Errors: `refused` where the other has
   * not accepted, or is blocked.
   */
  async seal(
    channelId: string,
    content: JsonObject,
    { msgId, recipients }: { readonly msgId: string; readonly recipients: readonly string[] },
  ): Promise<SealedContent | 'later'> {
    const { ports, self, circles } = this.#deps;
    const contact = circles.partner(channelId);
    // Where a key was replaced, what waits goes on in another conversation in a moment.
    if (!contact) return 'later';
    checkWriting(contact);
    const peers = circles
      .peers(contact)
      .filter(({ nodeId }) => recipients.includes(nodeId))
      .slice(0, MAX_RATCHETS);
    // One message after another: what their sessions moved to goes to disk in the same order.
    const wrapped = await this.#turns.take(() => this.#wrap(peers, contact, msgId));
    if (!wrapped) return 'later';
    const { key, writes, able } = wrapped;
    return { compact: await sealJwe(ports, key, { nodeId: self.nodeId, msgId, channelId }, content), writes, recipients: able };
  }

  async #wrap(
    peers: readonly NodeKey[],
    contact: NodeKey,
    msgId: string,
  ): Promise<{ key: ContentKey; writes: StoreWrite[]; able: string[] } | undefined> {
    const { ports, sessions, circles, ask } = this.#deps;
    const key = ports.random.bytes(32);
    const writes: StoreWrite[] = [];
    const each: { nodeId: string; kid: string; wrapped: Uint8Array }[] = [];
    // The contact's devices come first: where none has a session, no ratchet of others takes a step for nothing.
    for (const peer of peers) {
      if (each.length === 0 && !circles.isTheirs(contact, peer.nodeId)) return undefined;
      if (await sessions.isDue(peer.keyId)) ask(peer);
      const found = await sessions.wrap(peer.keyId, key);
      if (!found?.key.wrapped) continue;
      writes.push(...found.writes);
      each.push({ nodeId: peer.nodeId, kid: found.key.kid, wrapped: found.key.wrapped });
    }
    const [only, ...others] = each;
    if (!only) return undefined;
    const able = each.map(({ nodeId }) => nodeId);
    if (others.length === 0 && circles.peers(contact).length === 1) return { key: { ...only, key }, writes, able };
    return { key: { kid: msgId, key, each }, writes, able };
  }

  async open(
    channelId: string,
    { origin, msgId, parts }: { readonly origin: string; readonly msgId: string; readonly parts: readonly string[] },
  ): Promise<Opened> {
    const { ports, opened } = this.#deps;
    const contact = this.#deps.circles.partner(channelId);
    const peer = contact && this.#deps.circles.peerAt(contact, origin);
    if (!contact || !peer) return { verdict: 'refuse', reason: 'not a contact' };
    // Who is blocked does not learn of it.
    if (contact.blocked) return { verdict: 'drop', reason: 'contact-blocked' };
    if (contact.state !== 'accepted') return { verdict: 'refuse', reason: 'not a contact' };
    const jwe = readJwe(parts, { nodeId: origin, msgId, channelId });
    const part = jwe && this.#partOf(jwe);
    if (!jwe || part === undefined) return { verdict: 'drop', reason: 'direct-form' };
    const { keyId } = peer;
    const found = this.#lately(`${keyId} ${msgId}`) ?? (part && (await this.#unwrap(peer, part.kid, part.wrapped)));
    if (found === 'later') return { verdict: 'later', reason: 'direct-session' };
    if (!found) {
      if (await opened.has(keyId, msgId)) return { verdict: 'accept', receipt: true };
      this.#deps.ask(peer);
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
    const peer = from.channelId === undefined ? undefined : this.#peerIn(from.channelId, from.origin);
    if (!peer || from.wrapped.length === 0) return undefined;
    const found = await this.#unwrap(peer, kid, from.wrapped);
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
    const peer = this.#peerIn(channelId, nodeId);
    if (!peer) return;
    const given = data as Parameters<typeof overlay.sealed.send<N, D>>[1];
    if (NUMBERS_ONLY.has(verb.name)) {
      await overlay.sealed.send(verb, given, { target: await target(nodeId) }, { custody: false });
      return;
    }
    const wrapped = await sessions.wrap(peer.keyId);
    if (!wrapped) {
      this.#deps.ask(peer);
      return;
    }
    await ports.store.commit(wrapped.writes);
    await overlay.sealed.send(verb, given, { key: wrapped.key, channelId, recipients: [nodeId] }, { custody: false });
  }

  /** To the certificate, like what says nothing but numbers. */
  async utter<N extends string, D extends object>(
    channelId: string,
    nodeIds: readonly string[],
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<void> {
    const { overlay, ports, target } = this.#deps;
    const begun = ports.clock.monotonic();
    const one = async (nodeId: string): Promise<void> => {
      const to = await target(nodeId);
      // A certificate may be waited for: by then it is true no more, and somebody may have been blocked.
      if (ports.clock.monotonic() - begun > FRESH_MS || !this.confides(channelId, nodeId)) return;
      await overlay.sealed.utter(verb, data as Parameters<typeof overlay.sealed.utter<N, D>>[1], { target: to });
    };
    await Promise.all(nodeIds.filter((nodeId) => this.confides(channelId, nodeId)).map(one));
  }

  mayWrite(channelId: string, nodeId: string): boolean {
    return this.confides(channelId, nodeId);
  }

  admits(channelId: string, { origin, sealed }: Pick<Arrival, 'origin' | 'sealed'>): boolean {
    return this.#peerIn(channelId, origin) !== undefined && (sealed?.toCertificate === true || sealed?.channelId === channelId);
  }

  confides(channelId: string, nodeId: string): boolean {
    const contact = this.#deps.circles.partner(channelId);
    return isAccepted(contact) && this.#deps.circles.isTheirs(contact, nodeId);
  }

  mayHaveWritten(channelId: string, nodeId: string, at: number): boolean {
    const contact = this.#deps.circles.partner(channelId);
    return contact !== undefined && this.#deps.circles.mayHaveWritten(contact, nodeId, at);
  }

  /** The key id that a message of one of the two names: nobody can pass it on as said to a third. */
  addressee(channelId: string, author: string): string | undefined {
    const contact = this.#deps.circles.partner(channelId);
    return contact && this.#deps.circles.addressee(contact, author);
  }

  #peerIn(channelId: string, nodeId: string): NodeKey | undefined {
    const contact = this.#deps.circles.partner(channelId);
    return isAccepted(contact) ? this.#deps.circles.peerAt(contact, nodeId) : undefined;
  }

  /** What of a message is for this node. `false`: nothing, it was made when there was no session. Undefined: it is none of these. */
  #partOf({ byRatchet, each, kid, encryptedKey }: Jwe): { readonly kid: string; readonly wrapped: Uint8Array } | false | undefined {
    if (byRatchet) return { kid, wrapped: encryptedKey };
    return each && (each.find(({ nodeId }) => nodeId === this.#deps.self.nodeId) ?? false);
  }

  /** Undefined: it does not open. */
  async #unwrap(
    peer: NodeKey,
    kid: string,
    wrapped: Uint8Array,
  ): Promise<{ key: Uint8Array; writes: readonly StoreWrite[] } | 'later' | undefined> {
    const found = await this.#deps.sessions.unwrap(peer.keyId, kid, wrapped);
    if (found === 'spent') return undefined;
    if (found !== 'unknown') return found;
    // Its welcome may be on the way; or it went with a disk.
    const now = this.#deps.ports.clock.monotonic();
    const first = this.#waiting.get(kid) ?? now;
    this.#waiting.set(kid, first);
    if (now - first >= this.#deps.config.waitMs) return undefined;
    this.#deps.ask(peer);
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
