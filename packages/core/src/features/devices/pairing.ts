import { type Identity, type KeyBook, safetyNumber } from '../../identity/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Timer } from '../../ports/clock.ts';
import type { Ports } from '../../ports/index.ts';
import { fromBase64 } from '../../util/base64.ts';
import { equalBytes } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { JwsReader } from '../../wire/jws.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { DeviceConfig } from './config.ts';
import { type DeviceLink, deviceLink, proofOf, SECRET_BYTES } from './link.ts';
import { compactIn, isStatement, type NodeKey, signStatement } from './list.ts';
import { DEVICE_ANSWER, DEVICE_ASK } from './verbs.ts';

/** A device that is asked, or has agreed, to be linked. Times are monotonic. */
interface Candidate extends NodeKey {
  readonly secret: Uint8Array;
  readonly at: number;
  name: string;
  /** A compact JWS, once it has agreed. */
  statement?: string;
  settle?: (error?: ParleyError) => void;
}

/** A device that has agreed, for the user to confirm. */
export interface Agreed extends NodeKey {
  readonly name: string;
  /** A compact JWS. */
  readonly statement: string;
}

export interface PairingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly reader: JwsReader;
  readonly overlay: Overlay;
  readonly scope: Scope;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** What this node signs from then on is on disk when it resolves. */
  readonly promise: (person: string) => Promise<void>;
  readonly asked: () => void;
}

const MAX_CANDIDATES = 4;

/** How a new device and the first find each other: the new one shows a code, the user gives it to the first, and each proves to the other to have it. */
export class Pairing {
  readonly #deps: PairingDeps;
  readonly #config: DeviceConfig;
  #code: { readonly secret: Uint8Array; readonly until: number; by?: NodeKey & { readonly name: string } } | undefined;
  readonly #candidates = new Map<string, Candidate>();

  constructor(deps: PairingDeps, config: DeviceConfig) {
    this.#deps = deps;
    this.#config = config;
    deps.overlay.sealed.handle(DEVICE_ASK, (arrival) => this.#onAsk(arrival));
    deps.overlay.sealed.handle(DEVICE_ANSWER, (arrival) => this.#onAnswer(arrival));
  }

  /** A new code; the one before is void. `expires`: milliseconds since 1970. */
  show(): { readonly link: string; readonly expires: number } {
    const { ports, identity } = this.#deps;
    const secret = ports.random.bytes(SECRET_BYTES);
    this.#code = { secret, until: ports.clock.monotonic() + this.#config.codeMs };
    return {
      link: deviceLink({ keyId: identity.keyId, secret, name: identity.name }),
      expires: ports.clock.now() + this.#config.codeMs,
    };
  }

  /** Who has proved to have the code of this device, and the number that both show. */
  get by(): (NodeKey & { readonly name: string; readonly number: string }) | undefined {
    const by = this.#code?.by;
    return by && { ...by, number: this.#numberWith(by.keyId) };
  }

  end(): void {
    this.#code = undefined;
  }

  /**
   * Asks the device that shows a link. Resolves when it has agreed, with the number that it shows too. Errors: `unreachable` and
   * `bad-certificate` where nothing can be sealed to it, `timeout`, those of the store.
   */
  async ask({ keyId, secret, name = '' }: DeviceLink): Promise<Agreed & { readonly number: string }> {
    const { ports, identity, keys, overlay, scope } = this.#deps;
    const nodeId = keys.resolve(keyId)?.nodeId ?? '';
    const target = await this.#deps.target(nodeId);
    const candidate: Candidate = { keyId, nodeId, secret, name, at: ports.clock.monotonic() };
    this.#candidates.delete(keyId);
    for (const [oldest] of this.#candidates) if (this.#candidates.size >= MAX_CANDIDATES) this.#candidates.delete(oldest);
    this.#candidates.set(keyId, candidate);
    await new Promise<void>((resolve, reject) => {
      let timer: Timer | undefined;
      const settle = (error?: ParleyError): void => {
        timer?.cancel();
        scope.signal.removeEventListener('abort', abort);
        delete candidate.settle;
        error ? reject(error) : resolve();
      };
      const abort = (): void => settle(new ParleyError('closed', 'the node is closing'));
      candidate.settle = settle;
      scope.signal.addEventListener('abort', abort);
      timer = scope.after(this.#config.answerMs, () =>
        settle(new ParleyError('timeout', 'the new device did not answer: its code may have run out, or been used')),
      );
      const proof = proofOf(ports.crypto, secret, identity.keyId, keyId);
      overlay.sealed
        .send(DEVICE_ASK, { name: identity.name, proof }, { target })
        .catch((error: unknown) => settle(ParleyError.from(error)));
    });
    return { ...this.take(keyId, false), number: this.#numberWith(keyId) };
  }

  /** A device that has agreed. Errors: `not-found`. */
  take(keyId: string, forGood = true): Agreed {
    const found = this.#candidates.get(keyId);
    const late = found && this.#deps.ports.clock.monotonic() - found.at > this.#config.codeMs;
    if (!found?.statement || late) throw new ParleyError('not-found', 'no such device has agreed to be linked, or it is too long ago');
    if (forGood) this.#candidates.delete(keyId);
    const { nodeId, name, statement } = found;
    return { keyId, nodeId, name, statement };
  }

  async #onAsk({ data, origin, message }: Arrival<DataOf<typeof DEVICE_ASK>>): Promise<Verdict> {
    const { ports, identity, overlay } = this.#deps;
    const code = this.#code;
    const keyId = message.auth?.key ?? '';
    if (!code || ports.clock.monotonic() > code.until) return drop('device-code-none');
    // However many are wrong: nobody guesses 128 bits, and anybody could void the code by trying.
    if (!same(data.proof, proofOf(ports.crypto, code.secret, keyId, identity.keyId))) return drop('device-code-wrong');
    // Good for once: whoever else saw it comes too late.
    if (code.by && code.by.keyId !== keyId) return drop('device-code-used');
    code.by = { keyId, nodeId: origin, name: data.name };
    await this.#deps.promise(keyId);
    const statement = await signStatement(identity, keyId, ports.clock.now());
    const proof = proofOf(ports.crypto, code.secret, identity.keyId, keyId);
    const answer = async (): Promise<void> => {
      await overlay.sealed.send(DEVICE_ANSWER, { name: identity.name, proof, statement }, { target: await this.#deps.target(origin) });
    };
    this.#deps.scope.run(answer(), (error) => ports.log.debug('a code could not be answered', { error: ParleyError.from(error).message }));
    this.#deps.asked();
    return ACCEPT;
  }

  async #onAnswer({ data, message }: Arrival<DataOf<typeof DEVICE_ANSWER>>): Promise<Verdict> {
    const { ports, identity, reader } = this.#deps;
    const keyId = message.auth?.key ?? '';
    const candidate = this.#candidates.get(keyId);
    if (!candidate) return drop('device-unasked');
    if (!same(data.proof, proofOf(ports.crypto, candidate.secret, keyId, identity.keyId))) return drop('device-code-wrong');
    const statement = compactIn(data.statement) ?? '';
    if (!(await isStatement(reader, statement, keyId, identity.keyId))) return drop('device-statement');
    candidate.statement = statement;
    candidate.name = data.name;
    candidate.settle?.();
    return ACCEPT;
  }

  #numberWith(keyId: string): string {
    const { ports, identity, keys } = this.#deps;
    const key = keys.resolve(keyId);
    if (!key) throw new ParleyError('internal', 'a device has no key');
    return safetyNumber(ports.crypto, identity.publicKey, key.publicKey);
  }
}

const drop = (reason: string): Verdict => ({ verdict: 'drop', reason });
const same = (a: string, b: string): boolean => equalBytes(fromBase64(a) ?? new Uint8Array(0), fromBase64(b) ?? new Uint8Array(1));
