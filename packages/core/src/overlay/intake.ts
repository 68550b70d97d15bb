import { LruMap } from '../util/bounded.ts';
import type { Carrier } from './carrier.ts';
import type { CustodyDeps } from './custody.ts';
import type { CustodyStore } from './custody-store.ts';
import { type Held, type HeldIndex, newHeld, type Waiting } from './held.ts';
import type { HeldKeys } from './held-keys.ts';
import type { Offer, Taken } from './offer.ts';
import { MAX_RECIPIENTS } from './verbs.ts';
import { wayKey } from './ways.ts';

export interface IntakeDeps extends CustodyDeps {
  readonly index: HeldIndex;
  readonly disk: CustodyStore;
  readonly carrier: Carrier;
  readonly keys: HeldKeys;
  readonly alive: (waiting: Waiting) => boolean;
  readonly forget: (waiting: Waiting) => void;
}

/** Ways that a message which we no longer hold has gone, of each recipient. */
const MAX_HANDED_ON = 16;

/** How others' messages come into custody: whether they may, what of them must be proved first, and what gives way to them. */
export class Intake {
  readonly #deps: IntakeDeps;
  /** Ways by which a message that we no longer hold was handed on, by uid and recipient. */
  readonly #handedOn = new LruMap<string, string[]>(50_000);
  /** Held messages that are not on disk yet. */
  readonly #storing = new Map<string, Promise<void>>();

  constructor(deps: IntakeDeps) {
    this.#deps = deps;
  }

  /** A neighbour has custody now of what was for a recipient. */
  handedOn(waiting: Waiting): void {
    const { via: neighbour, through, destination } = waiting;
    // Who has it now is not on the way: should it come again, the recipient is told to answer again, and at once.
    if (neighbour === undefined || neighbour === destination) return;
    const key = waiting.held.uid + destination;
    this.#handedOn.set(key, [...(this.#handedOn.get(key) ?? []), wayKey({ neighbour, through })].slice(-MAX_HANDED_ON));
  }

  /**
   * Takes custody of somebody else's message, already made ready for sending on. Resolves with what to acknowledge and what to
   * refuse, once the former is on disk. What is to be stored, not only passed on, is proved first; if it is not from its origin, those for whom
   * it would have been are in neither list. Errors: those of the store; then nothing new is held.
   */
  async take(offer: Offer): Promise<Taken> {
    const doubtful = offer.recipients.filter((recipient) => this.#mattersWhose(offer, recipient));
    if (doubtful.length === 0) return this.#take(offer, this.#deps.index.get(offer.uid)?.proved === true);
    const unproved = await offer.prove();
    if (unproved === undefined) return this.#take(offer, true);
    const without = new Set(doubtful);
    const rest = offer.recipients.filter((recipient) => !without.has(recipient));
    return { ...(await this.#take({ ...offer, recipients: rest }, false)), unproved };
  }

  /** Whether a message has to be from its origin to be taken for a recipient: one who is not there, or for whom others give way to it. */
  #mattersWhose(offer: Offer, recipient: string): boolean {
    const { uid, origin, body } = offer;
    const held = this.#deps.index.get(uid);
    if (held?.proved || held?.waiting.has(recipient)) return false;
    if (!this.#goesOn(offer, recipient)) return true;
    return this.#deps.index.isFull(body.length) && this.#deps.favoured(recipient, origin);
  }

  async #take(offer: Offer, proved: boolean): Promise<Taken> {
    const accepted: string[] = [];
    const refused: Taken['refused'] = [];
    const fresh: string[] = [];
    const returned: Waiting[] = [];
    for (const recipient of offer.recipients) {
      const waiting = this.#deps.index.get(offer.uid)?.waiting.get(recipient);
      if (waiting) {
        accepted.push(recipient);
        if (this.#cameBack(waiting, offer.from)) returned.push(waiting);
        continue;
      }
      if (proved && this.isVariant(offer, recipient)) {
        this.#deps.metrics.count('duplicates', offer.type);
        accepted.push(recipient);
        continue;
      }
      const fault = this.#isTooMany(offer.uid, fresh.length) ? 'too-many-recipients' : this.#fault(offer, recipient, proved);
      if (fault) refused.push({ recipient, reason: fault });
      else fresh.push(recipient);
    }
    if (fresh.length > 0) {
      const { held, waiting } = this.#hold(offer, fresh, proved);
      const before = this.#storing.get(offer.uid);
      const commit = this.#deps.ports.store.commit(this.#deps.disk.put(held, offer.body));
      // Whom we hold it for already counts as taken once that commit is through as well.
      const stored = before ? Promise.all([before, commit]).then(() => {}) : commit;
      this.#storing.set(offer.uid, stored);
      this.#deps.carrier.route(waiting);
      try {
        await stored;
        this.#deps.disk.shed(held);
      } catch (error) {
        for (const entry of waiting) if (this.#deps.alive(entry)) this.#deps.forget(entry);
        throw error;
      } finally {
        if (this.#storing.get(offer.uid) === stored) this.#storing.delete(offer.uid);
      }
      accepted.push(...fresh);
    } else await this.#storing.get(offer.uid);
    this.#deps.carrier.route(returned);
    return { accepted, refused };
  }

  /** A message of which another variant, proved as it is, is stored for one who is away: the same to whoever believes only what is signed. */
  isVariant({ uid, type, origin, msgId }: Pick<Held, 'uid' | 'type' | 'origin' | 'msgId'>, recipient: string): boolean {
    if (!this.#deps.loose(type) || this.#deps.routes.reaches(recipient)) return false;
    const twin = this.#deps.index.twin(type, origin, msgId, recipient);
    return twin !== undefined && twin.held.uid !== uid;
  }

  /**
   * A neighbour offers what we hold. If another neighbour has it from us unacknowledged, that one's ACK no longer frees us: both
   * sides of a loop would let go. Returns whether to send it again at once.
   */
  #cameBack(waiting: Waiting, from: string): boolean {
    waiting.tried.add(from);
    if (waiting.state === 'queued') waiting.again = true;
    return waiting.state === 'handed' || waiting.state === 'stored';
  }

  /** Whether it would only pass through here: the recipient is there, or somebody is nearer to it. */
  #goesOn({ uid, from, via, toward }: Offer, recipient: string): boolean {
    if (this.#deps.routes.reaches(recipient)) return true;
    const tried = new Set(this.#handedOn.get(uid + recipient));
    return this.#deps.ways.leads(recipient, { own: false, from, via, tried, toward });
  }

  /** Whether a message is held for as many recipients as one has that nobody has altered: the list is not signed, and strangers may say it with ever new ones. */
  #isTooMany(uid: string, fresh: number): boolean {
    return (this.#deps.index.get(uid)?.waiting.size ?? 0) + fresh >= MAX_RECIPIENTS;
  }

  #fault(offer: Offer, recipient: string, proved: boolean): string | undefined {
    const goesOn = this.#goesOn(offer, recipient);
    if (!goesOn && !this.#deps.known(recipient)) return 'unknown destination';
    const quota = (): string | undefined =>
      this.#deps.index.quota(recipient, offer.origin, offer.body.length, goesOn, () => this.#deps.favoured(recipient, offer.origin));
    let fault = quota();
    while (fault === 'quota-total' && this.#makeRoom(offer.uid, proved && this.#isFavoured(offer, [recipient]))) fault = quota();
    return fault;
  }

  #isFavoured(offer: Offer, recipients: readonly string[]): boolean {
    return recipients.some((recipient) => this.#deps.favoured(recipient, offer.origin));
  }

  #hold(offer: Offer, recipients: readonly string[], proved: boolean): { held: Held; waiting: Waiting[] } {
    const { uid, type, origin, msgId, from, via, body } = offer;
    const { clock } = this.#deps.ports;
    const now = clock.monotonic();
    const known = this.#deps.index.get(uid);
    if (known && proved) this.#deps.index.prove(known);
    const at = clock.now();
    const key = known?.key ?? this.#deps.keys.next(uid);
    const favoured = this.#isFavoured(offer, recipients);
    const held = known ?? newHeld({ uid, key, type, origin, msgId, bytes: body.length, at, from, favoured, via, proved });
    const waiting = known
      ? recipients.map((recipient) => this.#deps.index.addRecipient(known, recipient, now))
      : this.#deps.index.add(held, recipients, now);
    for (const entry of waiting) {
      entry.toward = offer.toward;
      for (const way of this.#handedOn.get(uid + entry.destination) ?? []) entry.tried.add(way);
    }
    this.#deps.disk.keep(held, body);
    return { held, waiting };
  }

  /** Room for one more: an older message is given up, and its origin told. False when there is none. */
  #makeRoom(uid: string, favoured: boolean): boolean {
    const victim = this.#deps.index.victim(uid, favoured);
    if (!victim) return false;
    this.#deps.metrics.count('custody_evicted');
    for (const waiting of [...victim.waiting.values()]) {
      this.#deps.reports.nack(victim.origin, waiting.destination, victim.msgId, 'evicted');
      this.#deps.forget(waiting);
    }
    return true;
  }
}
