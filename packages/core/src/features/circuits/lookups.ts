import type { Random } from '../../ports/random.ts';
import { fromBase64 } from '../../util/base64.ts';
import type { Scope } from '../../util/scope.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { OwnCircuit } from './own.ts';
import type { Pool } from './pool.ts';
import { SEEK, type SOUGHT } from './verbs.ts';

/** Whom circuits for lookups are for: nobody in particular. */
export const LOOKUPS = '';
const SEEK_MS = 15_000;
/** Last hops that are asked for one thing: the first may say nothing, or that there is nothing. */
const ASKED = 2;

type Answer = Uint8Array | 'silence' | undefined;

/** What this node looks up by circuit. */
export class Lookups {
  readonly #pool: Pool;
  readonly #scope: Scope;
  readonly #random: Random;
  readonly #seeking = new Map<number, (answer: Answer) => void>();

  constructor(pool: Pool, scope: Scope, random: Random) {
    this.#pool = pool;
    this.#scope = scope;
    this.#random = random;
  }

  /** Undefined where two last hops find nothing, or no circuit can be made. Errors: that of the signal. */
  async seek(target: string, what: DataOf<typeof SEEK>['what'], signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const tried = new Set<string>();
    while (tried.size < ASKED) {
      const circuit = this.#pool.standing(LOOKUPS, tried) ?? (await this.#pool.make(LOOKUPS));
      if (!circuit || tried.has(circuit.name)) return undefined;
      signal?.throwIfAborted();
      tried.add(circuit.name);
      const answer = circuit.over ? undefined : await this.#ask(circuit, target, what, signal);
      if (signal?.aborted || this.#scope.closed) return undefined;
      if (answer === 'silence') this.#pool.doubt(circuit);
      else if (answer) return answer;
    }
    return undefined;
  }

  sought(circuit: OwnCircuit, { seek_id: seekId, found }: DataOf<typeof SOUGHT>): void {
    this.#pool.useful(circuit);
    this.#pool.answered(circuit);
    this.#seeking.get(seekId)?.(found === undefined ? undefined : fromBase64(found));
  }

  close(): void {
    for (const settle of [...this.#seeking.values()]) settle(undefined);
  }

  #ask(circuit: OwnCircuit, target: string, what: DataOf<typeof SEEK>['what'], signal: AbortSignal | undefined): Promise<Answer> {
    const seekId = Math.floor(this.#random.number() * Number.MAX_SAFE_INTEGER);
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        timer.cancel();
        this.#seeking.delete(seekId);
        resolve(answer);
      };
      const timer = this.#scope.after(SEEK_MS, () => settle('silence'));
      this.#seeking.set(seekId, settle);
      signal?.addEventListener('abort', () => settle(undefined), { once: true });
      this.#scope.run(circuit.say(SEEK, { seek_id: seekId, target, what }), () => settle(undefined));
    });
  }
}
