import { ParleyError } from '@parley/core';
import { type CallName, isVaultCall, type LeaderPhase, SLOW_CALLS } from './protocol.ts';

export interface Call {
  readonly id: string;
  readonly name: CallName;
  readonly args: readonly unknown[];
}

interface Pending extends Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: ParleyError) => void;
  /** The term in which it was sent. */
  term: string | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const MAX_PENDING = 1_000;
/** A leading tab that answers nothing for so long has stopped, though its browser has not noticed. */
const ANSWER_MS = 60_000;
/** What reads or writes all there is may take as long as that. */
const LONG_ANSWER_MS = 60 * 60_000;
const LONG: readonly CallName[] = ['backup', 'restore'];

/** The calls of one tab that are not answered yet: they wait for a node, and are repeated when another tab leads. */
export class Calls {
  readonly #pending = new Map<string, Pending>();
  readonly #send: (call: Call) => void;
  #closed: ParleyError | undefined;

  constructor(send: (call: Call) => void) {
    this.#send = send;
  }

  add(id: string, name: CallName, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#closed) reject(this.#closed);
      else if (this.#pending.size >= MAX_PENDING) reject(new ParleyError('quota', `${MAX_PENDING} calls wait for an answer already`));
      else this.#pending.set(id, { id, name, args, resolve, reject, term: undefined, timer: undefined });
    });
  }

  /** Sends whatever can be answered in this phase, and was not sent to this leader yet. */
  pump(term: string, phase: LeaderPhase): void {
    for (const call of this.#pending.values()) {
      if (call.term === term || phase.phase === 'starting') continue;
      if (isVaultCall(call.name) || phase.phase === 'running') {
        call.term = term;
        clearTimeout(call.timer);
        const limit = LONG.includes(call.name) ? LONG_ANSWER_MS : ANSWER_MS;
        if (!SLOW_CALLS.includes(call.name)) call.timer = setTimeout(() => this.#timedOut(call), limit);
        this.#send(call);
      } else if (phase.phase === 'failed') {
        this.settle(call.id, { error: new ParleyError(phase.code, phase.message) });
      }
    }
  }

  settle(id: string, outcome: { readonly value: unknown } | { readonly error: ParleyError }): void {
    const call = this.#pending.get(id);
    if (!call) return;
    this.#pending.delete(id);
    clearTimeout(call.timer);
    if ('error' in outcome) call.reject(outcome.error);
    else call.resolve(outcome.value);
  }

  close(error: ParleyError): void {
    this.#closed = error;
    for (const id of [...this.#pending.keys()]) this.settle(id, { error });
  }

  #timedOut({ id }: Call): void {
    this.settle(id, { error: new ParleyError('timeout', 'the tab that runs the node does not answer: close it, or load it again') });
  }
}
