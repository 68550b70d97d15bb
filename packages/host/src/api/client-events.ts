import type { ApiEvent } from '@parley/core';
import { ParleyError } from '@parley/core/errors';
import type { WebSocket } from 'ws';
import { connectionFailure, findNode, wentAway, wrongToken } from './client-request.ts';

/** Events that wait to be taken; above, the node is not read from. */
const MAX_WAITING = 1_000;
const MAX_EVENT_BYTES = 64 * 1024 * 1024;
const TRY_AGAIN_LATER = 1013;

/** Events of a running node, from when `open` resolves on. Iterated once. */
export interface EventStream extends AsyncIterable<ApiEvent> {
  /** Resolves when the subscription stands: nothing that happens later is missed. Rejects with what the iteration throws. */
  readonly open: Promise<void>;
}

type Next = { readonly resolve: (result: IteratorResult<ApiEvent>) => void; readonly reject: (error: ParleyError) => void };

/** Events between the socket and whoever takes them one by one. */
class Subscription {
  readonly #directory: string;
  readonly #signal: AbortSignal;
  readonly #waiting: ApiEvent[] = [];
  #next: Next | undefined;
  #end: { readonly error: ParleyError | undefined } | undefined;
  #socket: WebSocket | undefined;

  constructor(directory: string, signal: AbortSignal) {
    this.#directory = directory;
    this.#signal = signal;
    signal.addEventListener('abort', this.stop, { once: true });
  }

  /** Resolves once subscribed. */
  async connect(): Promise<void> {
    try {
      const { url, token } = await findNode(this.#directory);
      const { WebSocket } = await import('ws');
      if (this.#end) return;
      const options = { headers: { authorization: `Bearer ${token}` }, maxPayload: MAX_EVENT_BYTES, perMessageDeflate: false };
      await this.#attach(new WebSocket(`${url.replace('http', 'ws')}/v1/events`, options));
    } catch (error) {
      const failure = connectionFailure(this.#directory, error, this.#signal);
      this.#finish(this.#signal.aborted ? undefined : failure);
      throw failure;
    }
  }

  next(): Promise<IteratorResult<ApiEvent>> {
    const event = this.#waiting.shift();
    if (event) {
      if (this.#waiting.length < MAX_WAITING / 2) this.#socket?.resume();
      return Promise.resolve({ done: false, value: event });
    }
    if (this.#end?.error) return Promise.reject(this.#end.error);
    if (this.#end) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#next = { resolve, reject };
    });
  }

  readonly stop = (): void => {
    this.#finish(undefined);
  };

  #attach(socket: WebSocket): Promise<void> {
    this.#socket = socket;
    return new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('message', (data) => this.#take(String(data)));
      socket.on('unexpected-response', (request, response) => {
        request.destroy();
        const unexpected = new ParleyError('internal', `the node answered with HTTP status ${response.statusCode}`);
        reject(response.statusCode === 401 ? wrongToken(this.#directory) : unexpected);
      });
      socket.on('error', (error) => {
        const failure = connectionFailure(this.#directory, error, this.#signal);
        this.#finish(failure);
        reject(failure);
      });
      socket.on('close', (code, reason) => {
        const dropped = code === TRY_AGAIN_LATER ? new ParleyError('quota', `the node ended the subscription: ${reason}`) : undefined;
        const failure = dropped ?? wentAway(this.#directory);
        this.#finish(failure);
        reject(failure);
      });
    });
  }

  #take(json: string): void {
    if (this.#end) return;
    // What the node says is made of its types.
    const event = JSON.parse(json) as ApiEvent;
    const next = this.#next;
    this.#next = undefined;
    if (next) next.resolve({ done: false, value: event });
    else if (this.#waiting.push(event) >= MAX_WAITING) this.#socket?.pause();
  }

  #finish(error: ParleyError | undefined): void {
    if (this.#end) return;
    this.#end = { error };
    this.#signal.removeEventListener('abort', this.stop);
    this.#socket?.terminate();
    const next = this.#next;
    this.#next = undefined;
    if (error) next?.reject(error);
    else next?.resolve({ done: true, value: undefined });
  }
}

/** Subscribes at once, and ends when the signal aborts or the iteration is left. Errors as `ApiClient.events`. */
export function subscribe(directory: string, signal: AbortSignal): EventStream {
  const subscription = new Subscription(directory, signal);
  if (signal.aborted) subscription.stop();
  const open = signal.aborted ? Promise.resolve() : subscription.connect();
  // Whoever does not wait for it learns of the failure from the iteration.
  open.catch(() => {});
  return {
    open,
    [Symbol.asyncIterator]: () => ({
      next: () => subscription.next(),
      return: () => {
        subscription.stop();
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
}
