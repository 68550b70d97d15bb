import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ApiClient, type ApiEvent, type HostNode, type HostNodeOptions, type ReadyEvent, startHostNode } from '@parley/host';

type Plain = Omit<HostNodeOptions, 'log' | 'onReady'>;

/** A node in a process of its own, as compiled. */
export interface NodeProcess {
  readonly child: ChildProcess;
  readonly ready: ReadyEvent;
  readonly client: ApiClient;
  /** What it wrote to its log. */
  log(): string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | string>;
}

const COMPILED = pathToFileURL(join(import.meta.dirname, '../../packages/cli/dist/bundle/host.js')).href;

const PROGRAM = `
  import { createLog, runHostNode } from ${JSON.stringify(COMPILED)};
  const options = JSON.parse(process.argv[1]);
  const log = createLog({ level: 'debug', json: true });
  const onReady = (ready) => console.log(JSON.stringify(ready));
  try {
    process.exitCode = await runHostNode({ ...options, log, onReady });
  } catch (error) {
    console.log(JSON.stringify({ event: 'error', code: error.code, message: error.message }));
    process.exitCode = 1;
  }
`;

/** Asks until there is an answer. */
export async function until<T>(
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  limitMs = 20_000,
  everyMs = 50,
): Promise<T> {
  for (const begun = performance.now(); ; await sleep(everyMs)) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() - begun > limitMs) throw new Error(`waited in vain until ${what}`);
  }
}

/** Directories and nodes of one test, and their end. */
export class Lab {
  readonly root = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
  readonly #ends: (() => Promise<unknown> | unknown)[] = [];

  dir(name: string): string {
    return join(this.root, name);
  }

  /** Called when the test is over, last added first. */
  after(end: () => Promise<unknown> | unknown): void {
    this.#ends.push(end);
  }

  /** A node in this process. */
  async start(options: Plain & Pick<HostNodeOptions, 'log'>): Promise<{ host: HostNode; client: ApiClient }> {
    const host = await startHostNode({ http: false, lan: false, ...options });
    this.after(() => host.stop());
    return { host, client: new ApiClient(options.data) };
  }

  server(options: Partial<Plain> = {}) {
    return this.start({ data: this.dir('server'), nodeType: 'server', name: 'server', tls: '127.0.0.1:0', ...options });
  }

  /** A node in a process of its own. What it says in place of being ready is thrown. */
  async spawn(options: Plain): Promise<NodeProcess> {
    const args = ['--input-type=module', '-e', PROGRAM, JSON.stringify({ http: false, lan: false, ...options })];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise<number | string>((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal ?? '')));
    this.after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let out = '';
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      log += text;
    });
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text) => {
        out += text;
        if (out.includes('\n')) resolve(out.slice(0, out.indexOf('\n')));
      });
      child.once('close', () => reject(new Error(`the node ended before it was ready: ${log}`)));
    });
    const said: unknown = JSON.parse(line);
    if (typeof said !== 'object' || said === null || !('event' in said) || said.event !== 'ready') throw new Error(line);
    return {
      child,
      ready: said as ReadyEvent,
      client: new ApiClient(options.data),
      ended,
      log: () => log,
      end: async (signal) => {
        child.kill(signal);
        return ended;
      },
    };
  }

  async close(): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** Two members meet in a channel: the first creates it, the second joins once it hears of it. Resolves when each has the other. */
export async function meet(channel: string, first: ApiClient, second: ApiClient): Promise<void> {
  await first.create(channel);
  await until(async () => (await second.channels()).some(({ name }) => name === channel), `#${channel} is known`);
  await second.join(channel);
  for (const client of [first, second]) {
    await until(async () => {
      const members = await client.members(channel);
      return members.length === 2 && members.every(({ present }) => present);
    }, 'both are members');
  }
}

/** Waits for the texts of a channel, in order. */
export async function texts(client: ApiClient, channel: string, count: number): Promise<string[]> {
  const messages = await until(async () => {
    const found = await client.messages(channel, { limit: 500 });
    return found.length >= count && found;
  }, `${count} messages are in #${channel}`);
  return messages.map(({ text }) => text);
}

/** The events of a node, as they come. */
export async function listen(client: ApiClient): Promise<{ events: ApiEvent[]; stop: () => void; ended: Promise<unknown> }> {
  const controller = new AbortController();
  const stream = client.events(controller.signal);
  await stream.open;
  const events: ApiEvent[] = [];
  const take = async (): Promise<void> => {
    for await (const event of stream) events.push(event);
  };
  const ended = take().catch((error: unknown) => error);
  return { events, stop: () => controller.abort(), ended };
}
