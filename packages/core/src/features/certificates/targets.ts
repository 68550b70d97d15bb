import type { Certificate } from '../../identity/certificate.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';

type Settle = (error: ParleyError | undefined) => void;

/** Whom something can be sealed to: keys that were used lately, and those who wait for one. */
export class Targets {
  readonly #scope: Scope;
  readonly #waitMs: number;
  readonly #known = new LruMap<string, SealingTarget>(1000);
  readonly #waiting = new Map<string, Set<Settle>>();
  #closed = false;

  constructor(scope: Scope, waitMs: number) {
    this.#scope = scope;
    this.#waitMs = waitMs;
  }

  get(nodeId: string): SealingTarget | undefined {
    return this.#known.get(nodeId);
  }

  /** A certificate was read. False when nothing can be sealed to it. */
  learn({ nodeId, keyId, sealingKey }: Certificate): boolean {
    if (sealingKey) this.#known.set(nodeId, { nodeId, keyId, sealingKey });
    for (const settle of [...(this.#waiting.get(nodeId) ?? [])]) settle(sealingKey ? undefined : unusable());
    return sealingKey !== undefined;
  }

  /** Whom to seal to, as soon as a certificate is learnt. Errors: `unreachable` when none is, `bad-certificate` when nothing can be sealed to it. */
  wait(nodeId: string): Promise<SealingTarget> {
    const known = this.#known.get(nodeId);
    if (known) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(nodeId) ?? new Set();
      const settle: Settle = (error) => {
        timer.cancel();
        waiting.delete(settle);
        if (waiting.size === 0) this.#waiting.delete(nodeId);
        const found = this.#known.get(nodeId);
        if (found) resolve(found);
        else reject(error ?? new ParleyError('unreachable', 'the certificate of this node did not come'));
      };
      const timer = this.#scope.after(this.#waitMs, () => settle(undefined));
      waiting.add(settle);
      this.#waiting.set(nodeId, waiting);
      if (this.#closed) settle(undefined);
    });
  }

  /** Nothing comes any more: whoever waits is told so. */
  close(): void {
    this.#closed = true;
    for (const waiting of this.#waiting.values()) for (const settle of [...waiting]) settle(undefined);
  }
}

export const unusable = (): ParleyError => new ParleyError('bad-certificate', 'nothing can be sealed to the certificate of this node');
