import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { main } from '@parley/cli';
import { ApiClient } from '@parley/host/client';

export const COMMAND = fileURLToPath(new URL('../../../packages/cli/bin/parley.js', import.meta.url));

/** For hooks that start processes, on a machine under load. */
export const START_MS = 120_000;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the `parley` command, and what it printed so far. */
export class Running {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #stderr = '';
  readonly ended: Promise<number | null>;

  constructor(child: ChildProcess) {
    this.#child = child;
    if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    child.stderr?.on('data', (chunk) => {
      this.#stderr += String(chunk);
    });
    this.ended = new Promise((resolve) => {
      child.once('close', (code) => {
        resolve(code);
        this.#wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get stderr(): string {
    return this.#stderr;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Resolves with the first line that is so; rejects when the process ends without one. */
  async line(wanted: (line: string) => boolean): Promise<string> {
    for (;;) {
      const found = this.#lines.find(wanted);
      if (found !== undefined) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`it ended: ${this.#lines.join('\n')}${this.#stderr}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.#child.kill(signal);
    return await this.ended;
  }

  #take(line: string): void {
    this.#lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Starts the command and leaves it running. */
export function start(
  args: readonly string[],
  options: { script?: string; env?: NodeJS.ProcessEnv; program?: readonly string[] } = {},
): Running {
  const env = { ...process.env, ...options.env };
  const [program = '', ...before] = options.program ?? [process.execPath, options.script ?? COMMAND];
  const child = spawn(program, [...before, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  // Tests that fail while they start leave nothing behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('close', () => process.off('exit', kill));
  return new Running(child);
}

/** Runs the command to its end, in a process of its own. */
export function parleyProcess(args: readonly string[], stdin = ''): Promise<Ran> {
  return run([process.execPath, COMMAND], args, stdin);
}

/** The same in this process: to start Node.js takes many times what most commands do, and tests run hundreds. */
export async function parley(args: readonly string[]): Promise<Ran> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const [printed, said] = [text(stdout), text(stderr)];
  const code = await main(args, { stdin, stdout, stderr, env: process.env });
  stdout.end();
  stderr.end();
  return { code, stdout: await printed, stderr: await said };
}

/** Longer than anything takes on a machine under load, and within the time of a test: it tells what was waited for. */
const IN_VAIN_MS = 120_000;

/** Asks until the answer will do: what one node did reaches the other in a moment. */
export async function until<T>(ask: () => Promise<T>, enough: (answer: T) => boolean): Promise<T> {
  const begun = performance.now();
  for (;;) {
    const answer = await ask();
    if (enough(answer)) return answer;
    if (performance.now() - begun > IN_VAIN_MS) throw new Error(`waited in vain for ${enough}: ${inspect(answer)}`);
    await sleep(20);
  }
}

/** Runs a program to its end. */
export async function run([program = '', ...before]: readonly string[], args: readonly string[], stdin = ''): Promise<Ran> {
  const child = spawn(program, [...before, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  child.stdin.end(stdin);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** The objects that a command printed, one a line. */
export function objects<T = Record<string, unknown>>({ stdout }: Pick<Ran, 'stdout'>): T[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

/** A server and some nodes that are connected to it, each a process with a data directory of its own. */
export class Network {
  readonly directory: string;
  readonly #running = new Map<string, Running>();
  #tls = '';

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async start(names: readonly string[]): Promise<Network> {
    const network = new Network(await mkdtemp(join(tmpdir(), 'parley-e2e-')));
    network.#tls = await network.#serve('hub');
    await Promise.all(names.map((name) => network.startNode(name)));
    return network;
  }

  /** A further server, which joins by the first. */
  async startServer(name: string): Promise<void> {
    await this.#serve(name, '--connect', this.tls);
  }

  /** Starts a server. Resolves with its address for links. */
  async #serve(name: string, ...more: string[]): Promise<string> {
    const where = ['--tls', '127.0.0.1:0', '--http', '127.0.0.1:0', '--lan', 'off'];
    const server = start(['server', '--data', this.data(name), '--name', name, ...where, ...more, '--json']);
    this.#running.set(name, server);
    return (JSON.parse(await server.line((line) => line.includes('"ready"'))) as { tls: string }).tls;
  }

  get tls(): string {
    return this.#tls;
  }

  data(name: string): string {
    return join(this.directory, name);
  }

  process(name: string): Running {
    const running = this.#running.get(name);
    if (!running) throw new Error(`${name} does not run`);
    return running;
  }

  async startNode(name: string, ...more: string[]): Promise<Running> {
    const node = start(['node', '--data', this.data(name), '--name', name, '--connect', this.#tls, '--lan', 'off', '--json', ...more]);
    this.#running.set(name, node);
    await node.line((line) => line.includes('"ready"'));
    // Its link comes a moment later; commands of a test that need it would else race with it.
    const client = new ApiClient(this.data(name));
    while ((await client.status()).links.length === 0) await sleep(20);
    return node;
  }

  /** Starts a command on the data directory of one of them, and leaves it running. */
  leave(name: string, ...args: string[]): Running {
    return start([...args, '--data', this.data(name)]);
  }

  /** Runs a command on the data directory of one of them, in this process. */
  run(name: string, ...args: string[]): Promise<Ran> {
    return parley([...args, '--data', this.data(name)]);
  }

  /** The same, over and over until it succeeds: what one node did reaches the other in a moment. */
  done(name: string, ...args: string[]): Promise<Ran> {
    return until(
      () => this.run(name, ...args),
      ({ code }) => code === 0,
    );
  }

  /** The same in a process of its own. */
  spawn(name: string, ...args: string[]): Promise<Ran> {
    return parleyProcess([...args, '--data', this.data(name)]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.stop()));
    await rm(this.directory, { recursive: true, force: true });
  }
}
