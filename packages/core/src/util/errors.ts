/** Every way in which Parley fails, by name. A code is part of the public interface: faces translate it, metrics count it. */
export type ErrorCode =
  | 'aborted'
  | 'already-open'
  | 'bad-argument'
  | 'bad-certificate'
  | 'bad-frame'
  | 'bad-json'
  | 'bad-message'
  | 'bad-passphrase'
  | 'bad-signature'
  | 'banned'
  | 'closed'
  | 'conflict'
  | 'corrupt'
  | 'in-use'
  | 'internal'
  | 'not-found'
  | 'not-member'
  | 'quota'
  | 'refused'
  | 'storage'
  | 'storage-full'
  | 'timeout'
  | 'too-large'
  | 'unreachable'
  | 'unsupported';

/** The one error type of Parley: a stable `code`, a message for people, and data for programs. Never carries a secret. */
export class ParleyError extends Error {
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; data?: Record<string, unknown> } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ParleyError';
    this.code = code;
    this.data = options.data ?? {};
  }

  /** Wraps whatever was thrown, leaving a ParleyError as it is. */
  static from(thrown: unknown, code: ErrorCode = 'internal'): ParleyError {
    if (thrown instanceof ParleyError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new ParleyError(code, message, { cause: thrown });
  }
}

/** The code of an error, whatever it is. */
export function errorCode(thrown: unknown): ErrorCode {
  return thrown instanceof ParleyError ? thrown.code : 'internal';
}
