import { type IncomingMessage, request } from 'node:http';
import { type ErrorCode, ParleyError } from '@parley/core/errors';
import { readApiAddress } from './address-file.ts';
import { STATUS_BY_CODE } from './status-codes.ts';

/** Most bytes of an answer: 500 messages of 64 KiB, and room. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Begins with `/v1/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  /** Silence after which it is given up. */
  readonly timeoutMs?: number | undefined;
}

/** Nothing listens where the node said it would: it is not running, whatever a file left behind says. */
export function notRunning(directory: string, cause?: unknown): ParleyError {
  const message = `no node is running on ${directory}; start one with: parley node --data ${directory}`;
  return new ParleyError('not-found', message, { cause, data: { directory } });
}

export function wrongToken(directory: string): ParleyError {
  const message = `the node does not accept the token in api.json of ${directory}: another program listens there now, or the file was changed`;
  return new ParleyError('refused', message, { data: { directory } });
}

export function wentAway(directory: string, cause?: unknown): ParleyError {
  return new ParleyError('closed', `the node on ${directory} went away`, { cause, data: { directory } });
}

/** Where the node of a data directory is. Errors: `not-found` when none runs, and those of `readApiAddress`. */
export async function findNode(directory: string): Promise<{ readonly url: string; readonly token: string }> {
  try {
    return await readApiAddress(directory);
  } catch (error) {
    if (error instanceof ParleyError && error.code === 'not-found') throw notRunning(directory, error);
    throw error;
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a failed connection means. */
export function connectionFailure(directory: string, error: unknown, signal?: AbortSignal): ParleyError {
  if (error instanceof ParleyError) return error;
  if (signal?.aborted) return new ParleyError('aborted', 'the request was given up', { cause: error });
  return codeOf(error) === 'ECONNREFUSED' ? notRunning(directory, error) : wentAway(directory, error);
}

function queryOf(query: ApiRequest['query']): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? '' : `?${given}`;
}

interface Answer {
  readonly status: number;
  readonly bytes: Buffer;
}

/** Sends a request; resolves with the beginning of the answer. */
function begin(url: string, token: string, wanted: ApiRequest): Promise<IncomingMessage> {
  const { method, path, query, body, signal, timeoutMs = TIMEOUT_MS } = wanted;
  const json = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }),
    };
    const sent = request(
      new URL(`${path}${queryOf(query)}`, url),
      { method, headers, agent: false, ...(signal ? { signal } : {}) },
      resolve,
    );
    sent.setTimeout(timeoutMs, () => sent.destroy(new ParleyError('timeout', 'the node did not answer in time')));
    sent.on('error', reject);
    sent.end(json);
  });
}

async function readAll(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes > MAX_ANSWER_BYTES) throw new ParleyError('too-large', 'the answer is too large');
  }
  return { status: response.statusCode ?? 0, bytes: Buffer.concat(chunks) };
}

function isCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(STATUS_BY_CODE, code);
}

/** The error that an answer tells, as it was thrown in the node. */
function toldError(value: unknown, status: number): ParleyError {
  const told: unknown = typeof value === 'object' && value !== null && 'error' in value ? value.error : undefined;
  const { code, message, data } = (typeof told === 'object' && told !== null ? told : {}) as Record<string, unknown>;
  if (!isCode(code)) return new ParleyError('internal', `the node answered with HTTP status ${status}`);
  return new ParleyError(code, String(message), typeof data === 'object' && data !== null ? { data: data as Record<string, unknown> } : {});
}

/** The answer, once its status says that it is one. */
async function ask(directory: string, wanted: ApiRequest): Promise<IncomingMessage> {
  const { url, token } = await findNode(directory);
  try {
    const response = await begin(url, token, wanted);
    const { statusCode: status = 0 } = response;
    if (status < 400) return response;
    const answer = await readAll(response);
    throw status === 401 ? wrongToken(directory) : toldError(json(answer), status);
  } catch (error) {
    throw connectionFailure(directory, error, wanted.signal);
  }
}

function json({ bytes }: Answer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new ParleyError('internal', 'what answers is not a node', { cause });
  }
}

/**
 * One request to the node of a data directory; its JSON answer, or undefined where it has none. Errors: `not-found` (no node runs),
 * `refused` (the token), `closed` (the node went away meanwhile), `timeout`, `aborted`, and whatever the node answers.
 */
export async function call(directory: string, wanted: ApiRequest): Promise<unknown> {
  const response = await ask(directory, wanted);
  try {
    return json(await readAll(response));
  } catch (error) {
    throw connectionFailure(directory, error, wanted.signal);
  }
}

/** The same for what is answered with bytes. */
export async function callForStream(directory: string, wanted: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
  return ask(directory, wanted);
}
