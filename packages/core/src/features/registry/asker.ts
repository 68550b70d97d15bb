import type { Identity } from '../../identity/identity.ts';
import type { Ports } from '../../ports/index.ts';
import { chain, isPromise } from '../../util/awaitable.ts';
import { RecentMap } from '../../util/bounded.ts';
import { equalBytes, latin } from '../../util/bytes.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { UdpAddress } from './addresses.ts';
import type { RegistryConfig } from './config.ts';
import type { Contact } from './contacts.ts';
import {
  type Answer,
  type AnswerBody,
  PING,
  PING_BYTES,
  type QuestionBody,
  readAnswer,
  TRANSACTION_BYTES,
  writeQuestion,
} from './packets.ts';
import { patience } from './schedule.ts';
import { answerBytes, type MacKey, pingBytes, type SessionKeys } from './sessions.ts';

/** What comes of a question. Exactly one of `answered` and `failed` is called, and `late` at most once before. */
export interface Waiting {
  answered(body: AnswerBody): void;
  failed(): void;
  late?(): void;
}

export interface AskerDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly sessions: SessionKeys;
  readonly send: (address: UdpAddress, packet: Uint8Array) => void;
  /** A contact has proved that its key is at its address. */
  readonly proved: (contact: Contact) => void;
  readonly silent: (contact: Contact) => void;
}

interface Pending {
  readonly contact: Contact;
  readonly body: QuestionBody;
  readonly waiting: Waiting;
  readonly transaction: Uint8Array;
  /** SHA-256 of the packet. */
  readonly hash: Uint8Array;
  readonly sentAt: number;
  readonly patienceMs: number;
  readonly again: boolean;
  late: boolean;
}

/** What is known of a contact that has answered: how it proves its answers, and our address there. */
interface Session {
  mac: MacKey;
  token: Uint8Array;
  smoothedMs: number;
  deviationMs: number;
}

const SWEEP_MS = 100;
const MAX_SESSIONS = 8192;

/** Asks over UDP. An answer counts when it comes from the address that was asked, answers this very question, and its proof is that of the key. */
export class Asker {
  readonly #deps: AskerDeps;
  readonly #config: RegistryConfig;
  readonly #pending = new Map<string, Pending>();
  /** One that was not used for so long has a token that is not good any more, and would begin anew. */
  readonly #sessions: RecentMap<string, Session>;
  #sweeping = false;

  constructor(deps: AskerDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#sessions = new RecentMap(MAX_SESSIONS, 2 * config.tokenMs, deps.ports.clock.monotonic());
  }

  get pending(): number {
    return this.#pending.size;
  }

  ask(contact: Contact, body: QuestionBody, waiting: Waiting): void {
    if (this.#pending.size >= this.#config.maxPending) {
      this.#deps.metrics.reject('registry-busy');
      waiting.failed();
      return;
    }
    this.#ask(contact, body, waiting);
  }

  /** Proves our key to a contact that gave us a token, so that it can take us into its table. */
  introduce(contact: Contact): void {
    const session = this.#session(contact);
    if (!session) return;
    const { identity, ports } = this.#deps;
    const question = {
      transaction: ports.random.bytes(TRANSACTION_BYTES),
      key: identity.publicKey,
      session: this.#deps.sessions.publicKey,
      token: session.token,
      wantsSignature: false,
    };
    const flagged = writeQuestion({ ...question, body: { kind: PING, signature: new Uint8Array(64) } }).subarray(0, PING_BYTES);
    const made = chain(identity.sign(pingBytes(contact.key, flagged)), (signature) => {
      const waiting = { answered: () => {}, failed: () => {} };
      this.#send(
        contact,
        writeQuestion({ ...question, body: { kind: PING, signature } }),
        { kind: PING },
        waiting,
        question.transaction,
        true,
      );
    });
    if (isPromise(made)) this.#watch(made);
  }

  /** A packet that claims to be an answer. */
  received(packet: Uint8Array, from: UdpAddress): void {
    const { metrics } = this.#deps;
    const answer = readAnswer(packet);
    if (!answer) {
      metrics.reject('registry-malformed');
      return;
    }
    const name = latin(answer.transaction);
    const pending = this.#pending.get(name);
    // Late, a repetition, or a guess.
    if (!pending) {
      metrics.reject('registry-unasked');
      return;
    }
    if (!equalBytes(from.bytes, pending.contact.address.bytes)) {
      metrics.reject('registry-other-address');
      return;
    }
    if (!answer.body) this.#again(name, pending, new Uint8Array(answer.token));
    else if (answer.body.kind !== pending.body.kind) metrics.reject('registry-malformed');
    else if (answer.signer) this.#signed(name, pending, answer, answer.body);
    else this.#authenticated(name, pending, answer, answer.body);
  }

  /** Nothing is answered any more. */
  close(): void {
    const open = [...this.#pending.values()];
    this.#pending.clear();
    for (const { waiting } of open) waiting.failed();
  }

  /** `token`: one that has just been given, in place of an answer. */
  #ask(contact: Contact, body: QuestionBody, waiting: Waiting, token?: Uint8Array): void {
    const session = this.#session(contact);
    const transaction = this.#deps.ports.random.bytes(TRANSACTION_BYTES);
    const packet = writeQuestion({
      transaction,
      key: this.#deps.identity.publicKey,
      session: this.#deps.sessions.publicKey,
      token: token ?? session?.token,
      wantsSignature: !session,
      body,
    });
    this.#send(contact, packet, body, waiting, transaction, token !== undefined);
  }

  #send(contact: Contact, packet: Uint8Array, body: QuestionBody, waiting: Waiting, transaction: Uint8Array, again: boolean): void {
    const { ports, metrics, send } = this.#deps;
    const session = this.#session(contact);
    const bounds = { min: this.#config.minPatienceMs, max: this.#config.maxPatienceMs };
    this.#pending.set(latin(transaction), {
      contact,
      body,
      waiting,
      transaction,
      hash: ports.crypto.sha256(packet),
      sentAt: ports.clock.monotonic(),
      patienceMs: session ? patience(session.smoothedMs, session.deviationMs, bounds) : bounds.max,
      again,
      late: false,
    });
    metrics.count('registry_questions');
    send(contact.address, packet);
    this.#arm();
  }

  /** Our address is not proved there (any more), or it runs anew: once more, with what it gave us. */
  #again(name: string, pending: Pending, token: Uint8Array): void {
    this.#deps.metrics.count('registry_retries');
    this.#pending.delete(name);
    this.#sessions.delete(pending.contact.name);
    if (pending.again) this.#fail(pending);
    else this.#ask(pending.contact, pending.body, pending.waiting, token);
  }

  #authenticated(name: string, pending: Pending, answer: Answer, body: AnswerBody): void {
    const session = this.#session(pending.contact);
    if (!session || !this.#deps.sessions.fits(session.mac, pending.hash, answer.covered, answer.proof)) {
      this.#deps.metrics.reject('registry-proof');
      return;
    }
    this.#settle(name, pending, session, answer, body);
  }

  #signed(name: string, pending: Pending, answer: Answer, body: AnswerBody): void {
    const { ports, metrics, sessions } = this.#deps;
    const { contact, hash } = pending;
    const signer = answer.signer as NonNullable<Answer['signer']>;
    if (!equalBytes(signer.key, contact.key)) {
      metrics.reject('registry-other-key');
      return;
    }
    metrics.count('registry_signatures', 'checked');
    const done = chain(ports.crypto.verify(contact.key, answerBytes(hash, answer.covered), answer.proof), (fits) => {
      if (!fits) return metrics.reject('registry-proof');
      return chain(sessions.derive(signer.session, 'asker', contact.key), (mac) => {
        if (!mac) return metrics.reject('registry-proof');
        const before = this.#session(contact);
        const session: Session = before ?? {
          mac,
          token: answer.token,
          smoothedMs: this.#config.maxPatienceMs / 2,
          deviationMs: this.#config.maxPatienceMs / 4,
        };
        session.mac = mac;
        this.#sessions.set(contact.name, session, ports.clock.monotonic());
        // Meanwhile it may have been given up.
        if (this.#pending.get(name) === pending) this.#settle(name, pending, session, answer, body);
      });
    });
    if (isPromise(done)) this.#watch(done);
  }

  #settle(name: string, pending: Pending, session: Session, answer: Answer, body: AnswerBody): void {
    this.#pending.delete(name);
    session.token = new Uint8Array(answer.token);
    const tookMs = this.#deps.ports.clock.monotonic() - pending.sentAt;
    session.deviationMs += (Math.abs(tookMs - session.smoothedMs) - session.deviationMs) / 4;
    session.smoothedMs += (tookMs - session.smoothedMs) / 8;
    this.#deps.proved(pending.contact);
    pending.waiting.answered(body);
  }

  #session(contact: Contact): Session | undefined {
    return this.#sessions.get(contact.name, this.#deps.ports.clock.monotonic());
  }

  #fail(pending: Pending): void {
    this.#deps.silent(pending.contact);
    pending.waiting.failed();
  }

  /** One timer for all: questions come by the hundred. */
  #arm(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#deps.scope.after(SWEEP_MS, () => {
      this.#sweeping = false;
      this.#sweep();
      if (this.#pending.size > 0) this.#arm();
    });
  }

  #sweep(): void {
    const now = this.#deps.ports.clock.monotonic();
    for (const [name, pending] of [...this.#pending]) {
      const waited = now - pending.sentAt;
      if (waited >= this.#config.answerTimeoutMs) {
        this.#pending.delete(name);
        this.#deps.metrics.count('registry_timeouts');
        this.#fail(pending);
      } else if (!pending.late && waited >= pending.patienceMs) {
        pending.late = true;
        pending.waiting.late?.();
      }
    }
  }

  #watch(task: Promise<unknown>): void {
    const { scope, ports } = this.#deps;
    scope.run(task, (error) => ports.log.warn('a packet of the registry could not be handled', { error: String(error) }));
  }
}
