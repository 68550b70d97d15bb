import type { Identity } from '../../identity/identity.ts';
import type { Ports } from '../../ports/index.ts';
import { type Awaitable, chain, isPromise } from '../../util/awaitable.ts';
import { RecentMap, TokenBucket, TokenBuckets } from '../../util/bounded.ts';
import { concat, equalBytes, latin } from '../../util/bytes.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { UdpAddress } from './addresses.ts';
import { PACKET_BYTES, type RegistryConfig } from './config.ts';
import {
  FIND,
  LARGEST_ANSWER,
  PING,
  PING_BYTES,
  type Question,
  readQuestion,
  STORE,
  type StoredStatus,
  writeAnswer,
  writeRetry,
} from './packets.ts';
import { answerBytes, type MacKey, pingBytes, type SessionKeys } from './sessions.ts';
import { Tokens } from './tokens.ts';

export interface AnswererDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly sessions: SessionKeys;
  readonly send: (address: UdpAddress, packet: Uint8Array) => void;
  /** Contacts nearest to a target, as packets carry them, without the asker. */
  readonly closest: (target: Uint8Array, asker: Uint8Array, count: number) => readonly Uint8Array[];
  readonly held: (target: Uint8Array) => Uint8Array | undefined;
  /** `may`: asked before a signature is checked. */
  readonly store: (record: Uint8Array, from: UdpAddress, may: () => boolean) => Awaitable<StoredStatus>;
  /** An asker has proved that its key is at its address. */
  readonly introduced: (key: Uint8Array, from: UdpAddress) => void;
}

type AnswerContent = Parameters<typeof writeAnswer>[1];

const SECRET_BYTES = 32;
const MAX_MACS = 8192;
const MAX_NETWORKS = 4096;
/** Burst is what comes in two seconds: by then a bucket is as good as new. */
const FULL_MS = 10_000;

/**
 * Answers over UDP. Before an asker's address is proved by a token it gets no more bytes than it sent, and nothing happens but the answer:
 * whoever writes another's address into packets can neither fill anything here nor have anybody flooded from here.
 */
export class Answerer {
  readonly #deps: AnswererDeps;
  readonly #config: RegistryConfig;
  readonly #tokens: Tokens;
  /** By the askers' X25519 keys. Whoever asks again after so long has no token that is good, and begins anew. */
  readonly #macs: RecentMap<string, MacKey>;
  /** By network. */
  readonly #questions = new TokenBuckets(MAX_NETWORKS, FULL_MS);
  readonly #signatures = new TokenBuckets(MAX_NETWORKS, FULL_MS);
  readonly #records = new TokenBuckets(MAX_NETWORKS, FULL_MS);
  readonly #unproved: TokenBucket;
  readonly #allRecords: TokenBucket;

  constructor(deps: AnswererDeps, config: RegistryConfig) {
    const { crypto, random, clock } = deps.ports;
    this.#deps = deps;
    const bucket = (perSecond: number): TokenBucket => new TokenBucket(perSecond, 2 * perSecond, clock.monotonic());
    this.#unproved = bucket(config.unprovedPerSecond);
    this.#allRecords = bucket(config.allRecordsPerSecond);
    this.#config = config;
    this.#macs = new RecentMap(MAX_MACS, 2 * config.tokenMs, clock.monotonic());
    this.#tokens = new Tokens((secret, address) => crypto.sha256(concat(secret, address)), random.bytes(SECRET_BYTES));
    deps.scope.every(
      () => config.tokenMs,
      () => this.#tokens.rotate(random.bytes(SECRET_BYTES)),
    );
  }

  /** A packet that claims to be a question. */
  received(packet: Uint8Array, from: UdpAddress): void {
    const { metrics, identity } = this.#deps;
    if (!this.#within(this.#questions, this.#config.questionsPerSecond, from)) {
      metrics.reject('registry-quota');
      return;
    }
    const question = readQuestion(packet);
    if (!question) {
      metrics.reject('registry-malformed');
      return;
    }
    if (equalBytes(question.key, identity.publicKey)) {
      metrics.reject('registry-own-packet');
      return;
    }
    const { valid, next } = this.#tokens.check(from.bytes, question.token ?? new Uint8Array(0));
    if (!valid && !this.#answersUnproved(question, packet.length, from)) {
      if (question.token) metrics.count('registry_stale_tokens');
      this.#deps.send(from, writeRetry(question.transaction, next));
      return;
    }
    const done = chain(this.#answer(question, packet, from, valid), (content) => {
      if (content) return this.#reply(question, packet, from, next, content, valid ? PACKET_BYTES : packet.length);
    });
    if (isPromise(done)) this.#watch(done);
  }

  /**
   * Whether somebody whose address is not proved gets an answer at once. When many are at it, who may all be one with many addresses, only a
   * token, which costs next to nothing.
   */
  #answersUnproved({ kind }: Question, length: number, { network }: UdpAddress): boolean {
    if (kind === STORE || length < LARGEST_ANSWER[kind]) return false;
    return network === undefined || this.#unproved.take(this.#deps.ports.clock.monotonic());
  }

  #answer(question: Question, packet: Uint8Array, from: UdpAddress, proved: boolean): Awaitable<AnswerContent | undefined> {
    const { body } = question;
    if (body.kind === FIND) {
      const record = body.nodesOnly ? undefined : this.#deps.held(body.target);
      // A record may be an old one: whoever wants the newest goes on from here to those who are nearer.
      const count = !record ? this.#config.k : body.beside ? this.#config.besideRecord : 0;
      return { kind: FIND, record, contacts: count === 0 ? [] : this.#deps.closest(body.target, question.key, count) };
    }
    if (body.kind === STORE) {
      return chain(
        this.#deps.store(body.record, from, () => this.#mayCheck(from)),
        (status) => ({ kind: STORE, status }),
      );
    }
    const answer: AnswerContent = { kind: PING };
    if (!body.signature || !proved) return answer;
    const { ports, metrics, identity } = this.#deps;
    if (!this.#within(this.#signatures, this.#config.signaturesPerSecond, from)) {
      metrics.reject('registry-signature-quota');
      return undefined;
    }
    metrics.count('registry_signatures', 'checked');
    const signed = pingBytes(identity.publicKey, packet.subarray(0, PING_BYTES));
    return chain(ports.crypto.verify(question.key, signed, body.signature), (fits) => {
      if (!fits) {
        metrics.reject('registry-proof');
        return undefined;
      }
      this.#deps.introduced(new Uint8Array(question.key), from);
      return answer;
    });
  }

  #reply(
    question: Question,
    packet: Uint8Array,
    from: UdpAddress,
    token: Uint8Array,
    content: AnswerContent,
    limit: number,
  ): Awaitable<void> {
    const { ports, metrics, identity, sessions, send } = this.#deps;
    const { transaction } = question;
    const hash = ports.crypto.sha256(packet);
    const seal = (made: ReturnType<typeof writeAnswer>, proof: Uint8Array): void => {
      made.packet.set(proof, made.covered.length);
      send(from, made.packet);
    };
    if (question.wantsSignature) {
      if (!this.#within(this.#signatures, this.#config.signaturesPerSecond, from)) return metrics.reject('registry-signature-quota');
      metrics.count('registry_signatures', 'made');
      const made = writeAnswer({ transaction, token, signer: { key: identity.publicKey, session: sessions.publicKey } }, content, limit);
      return chain(identity.sign(answerBytes(hash, made.covered)), (signature) => seal(made, signature));
    }
    const made = writeAnswer({ transaction, token, signer: undefined }, content, limit);
    return chain(this.#mac(question.session, from), (mac) => {
      if (mac) seal(made, sessions.mac(mac, hash, made.covered));
    });
  }

  /** The key of our answers to whoever has this X25519 key. */
  #mac(session: Uint8Array, from: UdpAddress): Awaitable<MacKey | undefined> {
    const name = latin(session);
    const { metrics, sessions, identity, ports } = this.#deps;
    const now = ports.clock.monotonic();
    const known = this.#macs.get(name, now);
    if (known) return known;
    // It costs as much as a signature.
    if (!this.#within(this.#signatures, this.#config.signaturesPerSecond, from)) {
      metrics.reject('registry-signature-quota');
      return undefined;
    }
    return chain(sessions.derive(new Uint8Array(session), 'answerer', identity.publicKey), (mac) => {
      if (mac) this.#macs.set(name, mac, now);
      else metrics.reject('registry-malformed');
      return mac;
    });
  }

  /** Whether the signature of a record from there is checked now: who sends ever new ones must not keep this node from all else. */
  #mayCheck(from: UdpAddress): boolean {
    const { recordsPerSecond } = this.#config;
    const may =
      from.network === undefined ||
      (this.#within(this.#records, recordsPerSecond, from) && this.#allRecords.take(this.#deps.ports.clock.monotonic()));
    if (!may) this.#deps.metrics.reject('registry-record-quota');
    return may;
  }

  #within(buckets: TokenBuckets, perSecond: number, { network }: UdpAddress): boolean {
    if (network === undefined) return true;
    const now = this.#deps.ports.clock.monotonic();
    return buckets.of(network, { perSecond, burst: 2 * perSecond }, now).take(now);
  }

  #watch(task: Promise<unknown>): void {
    const { scope, ports } = this.#deps;
    scope.run(task, (error) => ports.log.warn('a question could not be answered', { error: String(error) }));
  }
}
