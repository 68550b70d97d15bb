import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ApiClient } from '@parley/host/client';
import { type NodeProcess, startNode } from './demo/child.ts';
import { meet } from './demo/meet.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Failure, failureOf } from './failure.ts';
import { type Io, processIo } from './io.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const CHANNEL = 'lobby';
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

const HELP = `npm start -- [--data DIR]

Brings up a server and two nodes, alice and bob, that meet in #${CHANNEL}, and opens the terminal chat of alice.
Without a terminal it says what it did, and stays up until SIGTERM or SIGINT.

  --data DIR  where their data is kept between runs (default: .parley/demo)
`;

/** A path as a person in the folder of the repository would type it. */
function typed(path: string): string {
  const inside = relative(ROOT, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

const chatCommand = (data: string): string => `./parley chat --data ${typed(data)}`;

function alreadyUp(data: string): Failure {
  const [server, alice, bob] = directories(data);
  return new Failure(
    'in-use',
    [
      'This network is up already. Open a chat of it:',
      `  ${chatCommand(alice)}`,
      `  ${chatCommand(bob)}`,
      'or end what was left behind:',
      ...[alice, bob, server].map((directory) => `  ./parley stop --data ${typed(directory)}`),
    ].join('\n'),
  );
}

function directories(data: string): [server: string, alice: string, bob: string] {
  return [join(data, 'server'), join(data, 'alice'), join(data, 'bob')];
}

async function isUp(directory: string): Promise<boolean> {
  try {
    await new ApiClient(directory).status();
    return true;
  } catch (error) {
    if (failureOf(error)) return false;
    throw error;
  }
}

/** What runs, in the order in which it was started. */
class Network {
  readonly #running: NodeProcess[] = [];

  async start(name: string, args: readonly string[], log: string, signal: AbortSignal): Promise<NodeProcess> {
    const node = await startNode(name, args, log, signal);
    this.#running.push(node);
    return node;
  }

  /** Rejects when one of them ends by itself. */
  async watch(signal: AbortSignal): Promise<void> {
    await Promise.race(
      this.#running.map(async ({ name, ended }) => {
        await ended;
        if (!signal.aborted) throw new Failure('failed', `${name} ended unexpectedly; see its log`);
      }),
    );
  }

  async stop(): Promise<void> {
    // The server last: goodbyes go through it.
    for (const node of this.#running.splice(0).reverse()) await node.stop();
  }
}

interface Up {
  readonly tls: string;
  readonly http: string | undefined;
}

async function bringUp(network: Network, data: string, signal: AbortSignal): Promise<Up> {
  const [serverData, aliceData, bobData] = directories(data);
  const log = (name: string): string => join(data, `${name}.log`);
  const serverArgs = ['server', '--data', serverData, '--tls', '127.0.0.1:0', '--http', '127.0.0.1:0'];
  const { tls, http } = (await network.start('server', serverArgs, log('server'), signal)).ready;
  if (tls === undefined) throw new Failure('internal', 'the server did not say where it listens');
  const client = (name: string, directory: string) =>
    network.start(name, ['node', '--data', directory, '--connect', tls], log(name), signal);
  const started = await Promise.allSettled([client('alice', aliceData), client('bob', bobData)]);
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
  const [alice, bob] = [new ApiClient(aliceData, signal), new ApiClient(bobData, signal)];
  const { channelId, isNew } = await meet(alice, bob, CHANNEL, signal);
  if (isNew) await bob.send(channelId, `Hello! This is bob. To speak for me, open another terminal and type: ${chatCommand(bobData)}`);
  return { tls, http };
}

function say(io: Io, text: string): void {
  io.stdout.write(`${text}\n`);
}

async function stayUp(network: Network, io: Io, data: string, up: Up, signal: AbortSignal): Promise<number> {
  const [, alice, bob] = directories(data);
  say(io, `A server and two nodes are up, and have met in #${CHANNEL}.`);
  say(io, `  server  ${up.tls}${up.http === undefined ? '' : `, metrics at ${up.http}/metrics`}`);
  say(io, `  alice   ${chatCommand(alice)}`);
  say(io, `  bob     ${chatCommand(bob)}`);
  say(io, 'Ctrl-C or SIGTERM ends them.');
  const told = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  // A promise keeps no process alive.
  const alive = setInterval(() => {}, 60_000);
  try {
    if (!signal.aborted) await Promise.race([told, network.watch(signal)]);
  } finally {
    clearInterval(alive);
  }
  return EXIT.ok;
}

async function openChat(io: Io, data: string): Promise<number> {
  const [, alice, bob] = directories(data);
  const other = `To speak for bob, type in another terminal: ${chatCommand(bob)}`;
  say(io, other);
  const { runChat } = await import('./chat/run.ts');
  const code = await runChat(io, alice, { channel: CHANNEL, notice: other });
  say(io, `The network ends with the chat; its data stays in ${typed(data)}.`);
  return code;
}

async function demo(io: Io, data: string): Promise<number> {
  const ended = new AbortController();
  const onSignal = (): void => ended.abort();
  for (const name of SIGNALS) process.on(name, onSignal);
  const network = new Network();
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    const running = await Promise.all(directories(data).map(isUp));
    if (running.includes(true)) throw alreadyUp(data);
    say(io, 'Starting a server and two nodes, alice and bob ...');
    const up = await bringUp(network, data, ended.signal);
    const terminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
    return await (terminal ? openChat(io, data) : stayUp(network, io, data, up, ended.signal));
  } catch (error) {
    // Somebody else was quicker.
    if (failureOf(error)?.code === 'in-use') throw alreadyUp(data);
    if (ended.signal.aborted) return EXIT.ok;
    throw error;
  } finally {
    await network.stop();
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

/** `npm start`: a network to look at, and its chat. Resolves with the exit code. */
export async function run(argv: readonly string[], io: Io = processIo): Promise<number> {
  try {
    const { values } = parseArgs({ args: [...argv], options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
    if (values.help === true) {
      io.stdout.write(HELP);
      return EXIT.ok;
    }
    return await demo(io, resolve(ROOT, values.data ?? '.parley/demo'));
  } catch (error) {
    const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    const failure = usage ? new Failure('usage', error.message) : failureOf(error);
    if (!failure) throw error;
    io.stderr.write(`${failure.message}\n`);
    return exitCodeOf(failure.code);
  }
}
