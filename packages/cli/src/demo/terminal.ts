import { join } from 'node:path';
import { ApiClient } from '@parley/host/client';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Io } from '../io.ts';
import { meet } from './meet.ts';
import { isUp, type Network, say, typed, untilTold } from './network.ts';

const CHANNEL = 'lobby';

const chatCommand = (data: string): string => `./parley chat --data ${typed(data)}`;

/** What is said to who starts it twice. */
export function terminalIsUp(data: string): Failure {
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
    network.start(name, ['node', '--data', directory, '--connect', tls, '--lan', 'off'], log(name), signal);
  const started = await Promise.allSettled([client('alice', aliceData), client('bob', bobData)]);
  for (const outcome of started) if (outcome.status === 'rejected') throw outcome.reason;
  const [alice, bob] = [new ApiClient(aliceData, signal), new ApiClient(bobData, signal)];
  const { channelId, isNew } = await meet(alice, bob, CHANNEL, signal);
  if (isNew) await bob.send(channelId, `Hello! This is bob. To speak for me, open another terminal and type: ${chatCommand(bobData)}`);
  return { tls, http };
}

async function stayUp(network: Network, io: Io, data: string, up: Up, signal: AbortSignal): Promise<number> {
  const [, alice, bob] = directories(data);
  say(io, `A server and two nodes are up, and have met in #${CHANNEL}.`);
  say(io, `  server  ${up.tls}${up.http === undefined ? '' : `, web app at ${up.http}`}`);
  say(io, `  alice   ${chatCommand(alice)}`);
  say(io, `  bob     ${chatCommand(bob)}`);
  say(io, 'Ctrl-C or SIGTERM ends them.');
  await untilTold(network, signal);
  return EXIT.ok;
}

async function openChat(io: Io, data: string): Promise<number> {
  const [, alice, bob] = directories(data);
  const other = `To speak for bob, type in another terminal: ${chatCommand(bob)}`;
  say(io, other);
  const { runChat } = await import('../chat/run.ts');
  const code = await runChat(io, alice, { channel: CHANNEL, notice: other });
  say(io, `The network ends with the chat; its data stays in ${typed(data)}.`);
  return code;
}

/** A server and two nodes that have met, and the terminal chat of one of them. */
export async function terminalDemo(io: Io, data: string, network: Network, signal: AbortSignal): Promise<number> {
  const running = await Promise.all(directories(data).map(isUp));
  if (running.includes(true)) throw terminalIsUp(data);
  say(io, 'Starting a server and two nodes, alice and bob ...');
  const up = await bringUp(network, data, signal);
  const terminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  return await (terminal ? openChat(io, data) : stayUp(network, io, data, up, signal));
}
