import { networkOf } from '../../link/index.ts';
import { STUN_BYTES, type UdpPort } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { TokenBucket, TokenBuckets } from '../../util/bounded.ts';
import { hex } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { StunConfig } from './config.ts';
import {
  type Attribute,
  decode,
  encode,
  FAILURE,
  INDICATION,
  mappedAddress,
  REQUEST,
  readErrorCode,
  readMappedAddress,
  type StunMessage,
  SUCCESS,
  TRANSACTION_BYTES,
  unknownAttributes,
  unknownRequired,
} from './message.ts';

export interface BindingDeps {
  readonly ports: Pick<Ports, 'clock' | 'random'>;
  readonly udp: UdpPort;
  readonly metrics: Metrics;
}

interface Asking {
  readonly address: string;
  readonly settle: (outcome: string | ParleyError) => void;
}

/**
 * STUN Binding on the node's UDP port (RFC 8489): tells whoever asks from which address the question came, and asks others the same. The
 * question needs 20 bytes and the answer has at least 32, since the address must be in it: so much and no more an answer is
 * longer, and how many go to one network is limited.
 */
export class Binding {
  readonly #deps: BindingDeps;
  readonly #config: StunConfig;
  readonly #scope: Scope;
  readonly #networks: TokenBuckets;
  readonly #total: TokenBucket;
  /** By transaction, in hexadecimal. */
  readonly #asking = new Map<string, Asking>();

  constructor(deps: BindingDeps, config: StunConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#networks = new TokenBuckets(config.networks);
    this.#total = new TokenBucket(config.totalPerSecond, config.totalBurst, this.#now());
    deps.udp.claim(STUN_BYTES, (packet, from) => this.#receive(packet, from));
  }

  /**
   * The address from which the STUN server at `HOST:PORT` (an IP address) sees this node's UDP port. Errors: `timeout`, `refused`, `quota`,
   * `unsupported` (no UDP port is bound), `bad-argument`, `aborted`.
   */
  async ask(address: string, signal?: AbortSignal): Promise<string> {
    const { udp, ports } = this.#deps;
    signal?.throwIfAborted();
    if (this.#scope.closed) throw new ParleyError('aborted', 'closed');
    if (udp.address === undefined) throw new ParleyError('unsupported', 'there is no UDP port to ask from');
    if (this.#asking.size >= this.#config.maxAsking) throw new ParleyError('quota', 'too many questions under way');
    const transaction = ports.random.bytes(TRANSACTION_BYTES);
    const question = encode({ type: REQUEST, transaction, attributes: [], fingerprinted: true });
    const id = hex(transaction);
    const aborted = (): void => this.#asking.get(id)?.settle(ParleyError.from(signal?.reason, 'aborted'));
    let retry = { cancel(): void {} };
    try {
      return await new Promise((resolve, reject) => {
        const settle = (outcome: string | ParleyError): void => (typeof outcome === 'string' ? resolve(outcome) : reject(outcome));
        this.#asking.set(id, { address, settle });
        signal?.addEventListener('abort', aborted, { once: true });
        const attempt = (number: number): void => {
          if (number === this.#config.tries) settle(new ParleyError('timeout', `no answer from ${address}`, { data: { address } }));
          else {
            udp.send(address, question);
            retry = this.#scope.after(this.#config.retryMs * 2 ** number, () => attempt(number + 1));
          }
        };
        attempt(0);
      });
    } finally {
      retry.cancel();
      this.#asking.delete(id);
      signal?.removeEventListener('abort', aborted);
    }
  }

  async close(): Promise<void> {
    for (const { settle } of this.#asking.values()) settle(new ParleyError('aborted', 'closed'));
    await this.#scope.close();
  }

  #receive(packet: Uint8Array, from: string): void {
    const message = decode(packet);
    if (!message) this.#deps.metrics.reject('stun-malformed');
    else if (message.type === REQUEST) this.#answer(message, from);
    else if (message.type === SUCCESS || message.type === FAILURE) this.#answered(message, from);
    // A Binding indication only keeps a NAT's mapping open.
    else if (message.type === INDICATION) this.#deps.metrics.count('stun', 'indication');
    else this.#deps.metrics.reject('stun-method');
  }

  #answer(question: StunMessage, from: string): void {
    const { metrics, udp } = this.#deps;
    if (!this.#admits(from)) {
      metrics.reject('stun-quota');
      return;
    }
    const { transaction, fingerprinted } = question;
    const say = (type: number, attributes: readonly Attribute[]): void => {
      metrics.count('stun', type === SUCCESS ? 'answered' : 'unknown attribute');
      udp.send(from, encode({ type, transaction, attributes, fingerprinted }));
    };
    const unknown = unknownRequired(question);
    const mapped = mappedAddress(from, transaction);
    if (unknown.length > 0) say(FAILURE, unknownAttributes(unknown));
    else if (mapped) say(SUCCESS, [mapped]);
    else metrics.reject('stun-address');
  }

  #answered(answer: StunMessage, from: string): void {
    const asking = this.#asking.get(hex(answer.transaction));
    if (!asking || asking.address !== from) {
      this.#deps.metrics.reject('stun-unasked');
      return;
    }
    const mapped = readMappedAddress(answer);
    if (answer.type === FAILURE) asking.settle(new ParleyError('refused', `${from} answers with error ${readErrorCode(answer) ?? '?'}`));
    else if (mapped === undefined || unknownRequired(answer).length > 0) this.#deps.metrics.reject('stun-malformed');
    else asking.settle(mapped);
  }

  #admits(from: string): boolean {
    const now = this.#now();
    const network = networkOf(from);
    if (network !== undefined && !this.#networks.of(network, this.#config, now).take(now)) return false;
    return this.#total.take(now);
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
