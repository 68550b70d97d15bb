/** The runner calls a method of the role that a child process plays. */
export interface Call {
  readonly kind: 'call';
  readonly id: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/** What a child tells the runner. A failure without `id` is the end of the child. */
export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id?: number; readonly message: string };

/** An object in another process: the same methods, answered later. Values go by structured clone. */
export type Remote<T> = {
  readonly [K in keyof T]: T[K] extends (...parameters: infer P) => infer R ? (...parameters: P) => Promise<Awaited<R>> : never;
};

export function isCall(message: unknown): message is Call {
  return typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'call';
}

export function isAnswer(message: unknown): message is Answer {
  return (
    typeof message === 'object' &&
    message !== null &&
    'kind' in message &&
    (message.kind === 'ready' || message.kind === 'value' || message.kind === 'failure')
  );
}
