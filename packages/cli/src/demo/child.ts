import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Failure } from '../failure.ts';

const COMMAND = fileURLToPath(new URL('../../bin/parley.js', import.meta.url));
/** A machine under load may need a while; one that needs longer has another problem. */
const START_MS = 60_000;
const STOP_MS = 8_000;

/** What a node says once it is ready, as `parley server --json` prints it. */
export interface Ready {
  readonly nodeId: string;
  readonly tls: string | undefined;
  readonly http: string | undefined;
}

export interface NodeProcess {
  readonly name: string;
  readonly ready: Ready;
  /** Resolves when the process ends, whatever ended it. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

function field(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === 'string' ? found : undefined;
}

function readReady(line: string): Ready | undefined {
  const value: unknown = JSON.parse(line);
  const nodeId = field(value, 'node_id');
  if (field(value, 'event') !== 'ready' || nodeId === undefined) return undefined;
  return { nodeId, tls: field(value, 'tls'), http: field(value, 'http') };
}

/** The last line of JSON on standard error says why a command failed. */
function readFailure(name: string, lines: readonly string[]): Failure {
  const last = lines.findLast((line) => line.startsWith('{"error":'));
  const error: unknown = last === undefined ? undefined : Reflect.get(JSON.parse(last), 'error');
  const message = field(error, 'message') ?? lines.at(-1) ?? 'it ended without saying why';
  return new Failure(field(error, 'code') ?? 'failed', `${name} did not start: ${message}`);
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(late);
}

/**
 * Starts `parley server` or `parley node` as a process of its own, and waits until it is ready. What it logs goes to a file. Errors:
 * what the command says when it fails, `timeout`, `aborted`.
 */
export async function startNode(name: string, args: readonly string[], logFile: string, signal: AbortSignal): Promise<NodeProcess> {
  // A process group of its own: Ctrl-C on the terminal is for us, and we tell the nodes.
  const child = spawn(process.execPath, [COMMAND, ...args, '--name', name, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const abandon = (): void => void child.kill('SIGTERM');
  process.once('exit', abandon);
  const errors: string[] = [];
  const log = createWriteStream(logFile, { flags: 'w', mode: 0o600 });
  createInterface({ input: child.stderr }).on('line', (line) => {
    log.write(`${line}\n`);
    errors.push(line);
    if (errors.length > 20) errors.shift();
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('close', () => {
      process.off('exit', abandon);
      log.end();
      resolve();
    });
  });
  try {
    const ready = await new Promise<Ready>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const found = readReady(line);
        if (found) resolve(found);
      });
      child.once('error', reject);
      child.once('close', () => reject(readFailure(name, errors)));
      const late = setTimeout(() => reject(new Failure('timeout', `${name} did not start within ${START_MS / 1000} s`)), START_MS);
      late.unref();
      signal.addEventListener('abort', () => reject(new Failure('aborted', 'stopped while starting')), { once: true });
    });
    return { name, ready, ended, stop: () => end(child, ended) };
  } catch (error) {
    await end(child, ended);
    throw error;
  }
}
