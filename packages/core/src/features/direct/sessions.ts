import type { Identity } from '../../identity/identity.ts';
import type { KeyBook } from '../../identity/ids.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import type { ContentKey } from '../../wire/jwe.ts';
import type { DirectConfig } from './config.ts';
import type { Groups } from './groups.ts';
import { loadGroups } from './load.ts';
import { offerGone, offerWrite, type Peer, type PendingOffer, readPeer, type Session, sessionGone, sessionWrite, settle } from './peers.ts';

const KEY_BYTES = 32;

/** What has to be on disk together with what a session was used for. */
interface Moved {
  readonly writes: readonly StoreWrite[];
}

export type Unwrapped = (Moved & { readonly key: Uint8Array }) | 'unknown' | 'spent';

/** Direct sessions with contacts, by key id: begun, used, renewed and forgotten, each step on disk with what it was for. */
export class Sessions {
  readonly #ports: Ports;
  readonly #keys: KeyBook;
  readonly #config: DirectConfig;
  readonly #identity: Identity;
  #loaded: Groups | undefined;
  readonly #peers = new Map<string, Promise<Peer>>();

  constructor(ports: Ports, identity: Identity, keys: KeyBook, config: DirectConfig) {
    this.#ports = ports;
    this.#keys = keys;
    this.#config = config;
    this.#identity = identity;
  }

  /** What a contact may begin a session with. On disk when it resolves. Errors: those of the store. */
  async offer(keyId: string): Promise<string> {
    const peer = await this.#peer(keyId);
    return peer.inTurn(async () => {
      const groups = await this.#groups();
      const offer: PendingOffer = { ...(await groups.offer()), made: this.#now() };
      const { maxOffers, offerMs } = this.#config;
      const fresh = [...peer.offers.filter(({ made }) => made > offer.made - offerMs), offer].slice(-maxOffers);
      const gone = peer.offers.filter((known) => !fresh.includes(known));
      await this.#ports.store.commit([offerWrite(peer, offer), ...gone.map((known) => offerGone(peer, known))]);
      peer.offers = fresh;
      return base64(offer.offered);
    });
  }

  /** Begins a session with what a contact has offered: the welcome for it. Undefined for what is no offer of theirs. Errors: those of the store. */
  async answer(keyId: string, offered: string): Promise<string | undefined> {
    const peer = await this.#peer(keyId);
    return peer.inTurn(async () => {
      const groups = await this.#groups();
      const begun = await attempt(groups.begin(peer.publicKey, fromBase64(offered) ?? new Uint8Array(0)));
      if (!begun) return undefined;
      await this.#add(peer, { group: begun.group, made: this.#now(), heard: 0, used: 0 }, []);
      return base64(begun.welcome);
    });
  }

  /** A contact has begun a session with what we offered. False where that does not fit. Errors: those of the store. */
  async welcome(keyId: string, welcome: string): Promise<boolean> {
    const peer = await this.#peer(keyId);
    return peer.inTurn(async () => {
      const groups = await this.#groups();
      const bytes = fromBase64(welcome) ?? new Uint8Array(0);
      for (const offer of [...peer.offers].reverse()) {
        const group = await attempt(groups.join(peer.publicKey, offer, bytes));
        if (!group) continue;
        // Its secret would open the session anew from the beginning: it goes with the same step.
        await this.#add(peer, { group, made: this.#now(), heard: 0, used: 0 }, [offerGone(peer, offer)]);
        peer.offers = peer.offers.filter((known) => known !== offer);
        return true;
      }
      return false;
    });
  }

  /** A content key for this once, drawn where none is given. Undefined where there is no session. */
  async wrap(keyId: string, given?: Uint8Array): Promise<(Moved & { readonly key: ContentKey }) | undefined> {
    const peer = await this.#peer(keyId);
    return peer.inTurn(async () => {
      const [session] = peer.sessions;
      if (!session) return undefined;
      const key = given ?? this.#ports.random.bytes(KEY_BYTES);
      const groups = await this.#groups();
      const { group, wrapped } = await groups.wrap(session.group, key);
      session.group = group;
      session.used++;
      return { key: { kid: group.id, key, wrapped }, writes: [sessionWrite(groups, peer, session)] };
    });
  }

  /** The content key that a contact has wrapped. `unknown`: in a session that is not here; `spent`: it does not open there, or not any more. */
  async unwrap(keyId: string, kid: string, wrapped: Uint8Array): Promise<Unwrapped> {
    const peer = await this.#peer(keyId);
    return peer.inTurn(async () => {
      const session = peer.sessions.find(({ group }) => group.id === kid);
      if (!session) return 'unknown';
      const groups = await this.#groups();
      const opened = await attempt(groups.unwrap(session.group, wrapped));
      if (!opened) return 'spent';
      session.group = opened.group;
      session.heard = this.#now();
      session.used++;
      const gone = settle(peer, session.heard, this.#config);
      return { key: opened.key, writes: [sessionWrite(groups, peer, session), ...gone.map((old) => sessionGone(peer, old))] };
    });
  }

  /** Whether there is no session with a contact, or it is time for another. */
  async isDue(keyId: string): Promise<boolean> {
    const [session] = (await this.#peer(keyId)).sessions;
    return !session || session.used >= this.#config.renewAfter || this.#now() - session.made >= this.#config.renewMs;
  }

  /** When a contact was last offered something that it has not taken yet, in milliseconds since 1970; 0 where it was not. */
  async offeredAt(keyId: string): Promise<number> {
    return (await this.#peer(keyId)).offers.at(-1)?.made ?? 0;
  }

  /** Forgets all that there is with a key. Errors: those of the store. */
  async forget(keyId: string): Promise<void> {
    const peer = await this.#peer(keyId);
    await peer.inTurn(async () => {
      const gone = [...peer.sessions.map((session) => sessionGone(peer, session)), ...peer.offers.map((offer) => offerGone(peer, offer))];
      peer.sessions = [];
      peer.offers = [];
      if (gone.length > 0) await this.#ports.store.commit(gone);
    });
    this.#peers.delete(keyId);
  }

  async #add(peer: Peer, session: Session, others: readonly StoreWrite[]): Promise<void> {
    const groups = await this.#groups();
    const before = peer.sessions;
    peer.sessions = [session, ...before];
    const gone = settle(peer, session.made, this.#config);
    try {
      await this.#ports.store.commit([
        sessionWrite(groups, peer, session),
        ...others,
        ...gone.filter((old) => old !== session).map((old) => sessionGone(peer, old)),
      ]);
    } catch (error) {
      peer.sessions = before;
      throw error;
    }
  }

  async #groups(): Promise<Groups> {
    if (!this.#loaded) {
      const { Groups } = await loadGroups();
      this.#loaded ??= new Groups(this.#ports, this.#identity, this.#config);
    }
    return this.#loaded;
  }

  #peer(keyId: string): Promise<Peer> {
    let peer = this.#peers.get(keyId);
    if (!peer) {
      const key = this.#keys.resolve(keyId);
      if (!key) return Promise.reject(new ParleyError('bad-argument', 'not a key id'));
      peer = this.#groups().then((groups) => readPeer(this.#ports.store, groups, keyId, key.publicKey));
      this.#peers.set(keyId, peer);
      peer.catch(() => this.#peers.delete(keyId));
    }
    return peer;
  }

  #now(): number {
    return this.#ports.clock.now();
  }
}

/** Undefined where something does not belong to a session. */
async function attempt<T>(tried: Promise<T>): Promise<T | undefined> {
  try {
    return await tried;
  } catch (error) {
    if (errorCode(error) === 'bad-message') return undefined;
    throw error;
  }
}
