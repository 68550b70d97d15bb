/** A failure that its message explains in full. `code` is one of ParleyError's, or `usage`, `no-node`, `undelivered`. */
export class Failure extends Error {
  readonly code: string;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, data: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'Failure';
    this.code = code;
    this.data = data;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/**
 * Whatever was thrown, as a failure. ParleyErrors are known by their form: most commands end before they would need the code of core.
 * Undefined for what is a defect of the program, whose trace is of use.
 */
export function failureOf(thrown: unknown): Failure | undefined {
  if (thrown instanceof Failure) return thrown;
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined;
  const { message, code } = thrown;
  if (thrown.name === 'ParleyError') {
    const data = 'data' in thrown && isRecord(thrown.data) ? thrown.data : {};
    // No node on a directory is another thing than a channel or a file that is not there.
    return new Failure(code === 'not-found' && 'directory' in data ? 'no-node' : code, message, data);
  }
  // Of the system, such as ENOENT or EACCES.
  if (/^E[A-Z0-9]+$/.test(code))
    return new Failure(code === 'ENOENT' ? 'not-found' : code === 'ENOSPC' ? 'storage-full' : 'storage', message);
  return undefined;
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
