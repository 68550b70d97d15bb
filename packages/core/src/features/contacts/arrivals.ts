import type { KeyBook } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { TokenBucket, TokenBuckets } from '../../util/bounded.ts';
import { utf8 } from '../../util/bytes.ts';
import type { Metrics } from '../../util/metrics.ts';
import { JwsReader } from '../../wire/jws.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { ContactBook, Heard, Refusal } from './book.ts';
import type { ContactConfig } from './config.ts';
import type { Contact, ContactNews } from './contact.ts';
import { readKeyChange } from './key-change.ts';
import type { Ledger } from './ledger.ts';
import type { OwnPerson } from './mirror.ts';
import type { Introductions, Outbox } from './outbox.ts';
import { CONTACT, CONTACT_ANSWER, MAX_NOTE_BYTES, NEW_KEY } from './verbs.ts';

export interface ArrivalDeps {
  readonly ports: Ports;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly book: ContactBook;
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  /** See `ContactDeps.nearness`. */
  readonly nearness: (nodeId: string) => number;
  readonly introductions?: () => Introductions;
  readonly person: () => OwnPerson;
  readonly tell: (contact: Contact, news: ContactNews) => void;
}

/** Hears what others say of being contacts. */
export function listen(deps: ArrivalDeps, config: ContactConfig): void {
  const arrivals = new Arrivals(deps, config);
  deps.overlay.sealed.handle(CONTACT, (arrival) => arrivals.onRequest(arrival));
  deps.overlay.sealed.handle(CONTACT_ANSWER, (arrival) => arrivals.onAnswer(arrival));
  deps.overlay.sealed.handle(NEW_KEY, (arrival) => arrivals.onNewKey(arrival));
}

class Arrivals {
  readonly #deps: ArrivalDeps;
  readonly #config: ContactConfig;
  readonly #reader: JwsReader;
  readonly #ofOne = new TokenBuckets(5000);
  readonly #ofAll: TokenBucket;

  constructor(deps: ArrivalDeps, config: ContactConfig) {
    const { ports, keys } = deps;
    this.#deps = deps;
    this.#config = config;
    this.#reader = new JwsReader(ports.crypto, keys);
    this.#ofAll = new TokenBucket(config.requestsOfAll.perSecond, config.requestsOfAll.burst, ports.clock.monotonic());
  }

  async onRequest({ data, origin, message }: Arrival<DataOf<typeof CONTACT>>): Promise<Verdict> {
    const { ports, nearness } = this.#deps;
    const keyId = message.auth?.key ?? '';
    const time = parseTimestamp(message.auth?.time ?? '') ?? 0;
    // Nobody answers here: the key that would sign for it is another device's.
    if (this.#deps.person().isLinked) return { verdict: 'refuse', reason: 'a linked device' };
    if (utf8(data.text ?? '').length > MAX_NOTE_BYTES) return { verdict: 'drop', reason: 'contact-text' };
    // Nothing is worked out, and nothing comes out of it, for those whom the user does not want to hear of.
    if (this.#deps.book.get(keyId)?.blocked) return { verdict: 'drop', reason: 'contact-blocked' };
    if (this.#deps.ledger.isDecided(keyId, time)) return { verdict: 'drop', reason: 'contact-replayed' };
    if (!this.#mayAsk(keyId)) return { verdict: 'drop', reason: 'contact-asked-too-often' };
    if (!this.#deps.book.get(keyId) && nearness(origin) === 0 && !this.#ofAll.take(ports.clock.monotonic())) {
      return { verdict: 'refuse', reason: 'too many ask at once' };
    }
    const who = { keyId, nodeId: origin, name: data.name };
    const ask = { note: data.text, package: data.package, time };
    return this.#hear(() => this.#deps.book.requested(who, ask, ports.clock.now()), keyId);
  }

  #mayAsk(keyId: string): boolean {
    const now = this.#deps.ports.clock.monotonic();
    return this.#ofOne.of(keyId, this.#config.requestsOfOne, now).take(now);
  }

  async onAnswer({ data, message }: Arrival<DataOf<typeof CONTACT_ANSWER>>): Promise<Verdict> {
    const keyId = message.auth?.key ?? '';
    const contact = this.#deps.book.get(keyId);
    // The answer to something that was asked before the user removed them, said again.
    if (contact && (parseTimestamp(data.asked) ?? 0) < contact.added) return { verdict: 'drop', reason: 'contact-replayed' };
    const verdict = await this.#hear(() => this.#deps.book.answered(keyId, data.answer), keyId);
    if (verdict.verdict === 'accept' && data.welcome !== undefined) await this.#deps.introductions?.().welcome(keyId, data.welcome);
    return verdict;
  }

  async onNewKey({ data, message }: Arrival<DataOf<typeof NEW_KEY>>): Promise<Verdict> {
    const change = await readKeyChange(this.#reader, data.statement);
    // Either of the two keys may bring it.
    if (!change || ![change.from, change.to].includes(message.auth?.key ?? '')) return { verdict: 'drop', reason: 'new-key-forged' };
    const now = this.#deps.ports.clock.now();
    const { keyChangeBackMs, keyChangeAheadMs } = this.#config;
    if (change.time < now - keyChangeBackMs || change.time > now + keyChangeAheadMs) return { verdict: 'drop', reason: 'new-key-stale' };
    // A device is its person's: nobody is asked.
    if (await this.#deps.person().follow(change)) return ACCEPT;
    // Whose key it is when it is written down: the user may be deciding on it at this moment.
    const { book } = this.#deps;
    return this.#hear(
      () => book.keyNamed(change),
      () => book.holderOf(change.to)?.keyId ?? change.from,
      'key-change',
    );
  }

  /** Takes what came: on disk before it is acknowledged. `about`: whom it is about, once it counts. */
  async #hear(decide: () => Heard, about: string | (() => string), told?: ContactNews): Promise<Verdict> {
    const keyId = (): string => (typeof about === 'string' ? about : about());
    const before = this.#deps.book.get(keyId());
    const heard = await this.#deps.ledger.change<{ heard: Heard; gone: Contact[] }>(() => {
      const found = decide();
      if ('refused' in found) return { result: { heard: found, gone: [] } };
      const gone = (found.change.gone ?? []).flatMap((id) => this.#deps.book.get(id) ?? []);
      return { change: found.change, result: { heard: found, gone } };
    });
    if ('refused' in heard.heard) return refusal(heard.heard.refused);
    for (const contact of heard.gone) {
      this.#deps.metrics.reject('contact-gave-way');
      this.#deps.tell(contact, 'removed');
    }
    const { outcome } = heard.heard;
    const contact = this.#deps.book.get(keyId());
    if (contact) {
      const news = told ?? (outcome === 'waiting' ? 'incoming' : outcome === 'again' ? 'changed' : outcome);
      if (outcome !== 'again' || contact !== before) this.#deps.tell(contact, news);
      this.#deps.outbox.look(contact);
    }
    return ACCEPT;
  }
}

/** Who is blocked does not learn of it. */
function refusal(refused: Refusal): Verdict {
  return refused === 'contacts-full' ? { verdict: 'refuse', reason: 'too many wait for an answer' } : { verdict: 'drop', reason: refused };
}
