import type { KeyBook } from '../identity/ids.ts';
import type { Ports } from '../ports/index.ts';
import type { Connection } from '../ports/transport.ts';
import { type Awaitable, chain, isPromise } from '../util/awaitable.ts';
import { ParleyError } from '../util/errors.ts';
import { randomGuid } from '../util/guid.ts';
import type { Metrics } from '../util/metrics.ts';
import type { Scope } from '../util/scope.ts';
import type { AnyVerb, DataOf } from '../wire/verb.ts';
import type { LinkConfig } from './config.ts';
import type { Link, Peer } from './link.ts';
import { type Admission, type LocalNode, Opening, UNPROVED } from './opening.ts';
import { plainReason } from './reason.ts';
import type { Session } from './session.ts';
import { BYE, type Dial, HELLO, PROOF } from './verbs.ts';

export interface OpeningDeps extends Admission {
  readonly ports: Ports;
  readonly local: LocalNode;
  readonly keys: KeyBook;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly isBanned: (keyId: string) => boolean;
  /** Both sides have shown who they are. Whoever is told settles the opened link or its error. */
  readonly established: (session: Session, opened: Opened) => void;
  readonly failed: (session: Session, error: ParleyError) => void;
}

/** What is known of a connection whose other side has proved its key. */
export interface Opened {
  readonly peer: Peer;
  readonly hello: DataOf<typeof HELLO>;
  readonly dial: Dial | undefined;
  /** From the start of the opening to its end, in milliseconds. */
  readonly tookMs: number;
  readonly resolve: (link: Link) => void;
  readonly reject: (error: ParleyError) => void;
}

interface Entry {
  readonly opening: Opening;
  readonly startedAt: number;
  readonly resolve: (link: Link) => void;
  readonly reject: (error: ParleyError) => void;
  readonly release: () => void;
  proofSent: boolean;
}

/** How long the other side has to take our reason before the connection is cut. */
const PARTING_MS = 1000;
/** Reasons that the other side is told. */
const TOLD = new Set(['refused', 'banned', 'bad-certificate']);

/** Connections on their way to being links: HELLO, where needed PROOF, and nothing else (WIRE "Opening a link"). */
export class Openings {
  readonly #deps: OpeningDeps;
  readonly #config: LinkConfig;
  readonly #entries = new Map<Session, Entry>();
  readonly #run: string;
  /** Dials in this run. */
  #dials = 0;

  constructor(deps: OpeningDeps, config: LinkConfig) {
    this.#deps = deps;
    this.#run = randomGuid(deps.ports.random);
    this.#config = config;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Says HELLO and waits for the other side's. Errors: `timeout`, `refused`, `banned`, `bad-certificate`, `bad-signature`, `bad-message`, `closed`, and the signal's. */
  begin(session: Session, signal: AbortSignal | undefined): Promise<Link> {
    const { local, ports, keys, scope } = this.#deps;
    const dial = session.connection.dialled ? { run: this.#run, count: this.#dials++ } : undefined;
    const opening = new Opening(local, session.connection, ports, keys, this.#deps, dial);
    return new Promise<Link>((resolve, reject) => {
      const timer = scope.after(this.#config.openingTimeoutMs, () => {
        this.fail(session, new ParleyError('timeout', 'the other side did not say HELLO in time'));
      });
      const aborted = (): void => this.fail(session, ParleyError.from(signal?.reason, 'aborted'));
      signal?.addEventListener('abort', aborted, { once: true });
      const release = (): void => {
        timer.cancel();
        signal?.removeEventListener('abort', aborted);
      };
      this.#entries.set(session, { opening, startedAt: this.#now(), resolve, reject, release, proofSent: false });
      session.start();
      say(session.connection, HELLO, opening.ourHello());
    });
  }

  has(session: Session): boolean {
    return this.#entries.has(session);
  }

  hello(session: Session, hello: DataOf<typeof HELLO>): void {
    const entry = this.#entries.get(session);
    if (entry)
      this.#step(session, entry, () => chain(entry.opening.takeHello(hello), (proved) => this.#identified(session, entry, proved)));
  }

  /** False for a PROOF that nothing asked for. */
  proof(session: Session, { sig }: DataOf<typeof PROOF>): boolean {
    const entry = this.#entries.get(session);
    if (!entry?.proofSent) return false;
    this.#step(session, entry, () =>
      chain(entry.opening.checkProof(sig), (fits) => {
        if (!fits) throw new ParleyError('bad-signature', 'the proof of the key does not fit', UNPROVED);
        return true;
      }),
    );
    return true;
  }

  /** Gives a connection up. Nothing happens when it is none that is being opened. */
  fail(session: Session, error: ParleyError): void {
    const entry = this.#entries.get(session);
    if (!entry) return;
    this.#entries.delete(session);
    entry.release();
    this.#deps.metrics.count('links_failed', error.code);
    if (TOLD.has(error.code)) say(session.connection, BYE, { reason: plainReason(error.message, 128) });
    session.connection.close();
    this.#deps.scope.after(PARTING_MS, () => session.connection.destroy());
    this.#deps.failed(session, error);
    entry.reject(error);
  }

  failAll(error: ParleyError): void {
    for (const session of [...this.#entries.keys()]) this.fail(session, error);
  }

  /**
   * One step towards an open link; true from `run` is the last. What it throws ends the attempt. While it takes time, messages wait:
   * the other side may believe the link open already.
   */
  #step(session: Session, entry: Entry, run: () => Awaitable<boolean>): void {
    let done: Awaitable<boolean>;
    try {
      done = run();
    } catch (thrown) {
      this.fail(session, ParleyError.from(thrown));
      return;
    }
    if (!isPromise(done)) {
      if (done) this.#finish(session, entry);
      return;
    }
    session.hold();
    const settled = done.then((open) => {
      if (!this.#entries.has(session)) return;
      if (open) this.#finish(session, entry);
      session.release();
    });
    this.#deps.scope.run(settled, (thrown) => {
      if (this.#entries.has(session)) this.fail(session, ParleyError.from(thrown));
      else this.#deps.ports.log.error('a message could not be handled', { error: String(thrown) });
    });
  }

  /** The HELLO fits its key; whether that key is welcome, and whether it still has to be proved. */
  #identified(session: Session, entry: Entry, proved: boolean): Awaitable<boolean> {
    const { peer } = entry.opening;
    if (!peer) throw new ParleyError('internal', 'a HELLO that left no peer');
    if (peer.nodeId === this.#deps.local.identity.nodeId) throw new ParleyError('refused', 'this is the same node');
    if (this.#deps.isBanned(peer.keyId)) throw new ParleyError('banned', 'banned');
    if (proved) return true;
    // Sent before theirs is looked at: once that fits the link is open, and the first thing we say on it must not overtake our proof.
    return chain(entry.opening.ourProof(), (proof) => {
      say(session.connection, PROOF, proof);
      entry.proofSent = true;
      return false;
    });
  }

  #finish(session: Session, entry: Entry): void {
    const { peer, hello, dial } = entry.opening;
    if (!peer || !hello || !this.#entries.delete(session)) return;
    entry.release();
    const { resolve, reject } = entry;
    this.#deps.established(session, { peer, hello, dial, tookMs: this.#now() - entry.startedAt, resolve, reject });
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}

function say(connection: Connection, verb: AnyVerb, data: object): void {
  connection.send(JSON.stringify({ ttl: 1, flood: false, msg_type: verb.name, msg_data: data }));
}
