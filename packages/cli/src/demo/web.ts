import { join } from 'node:path';
import { ApiClient } from '@parley/host/client';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import type { Io } from '../io.ts';
import { isUp, type Network, say, typed, untilTold } from './network.ts';

/** What is said to who starts it twice: where it is. */
export async function webIsUp(server: string): Promise<Failure> {
  const { http } = await new ApiClient(server).status();
  const where = http === undefined ? '' : ` Open ${http} in a browser,`;
  return new Failure('in-use', `This server is up already.${where} or end it: ./parley stop --data ${typed(server)}`);
}

/** A server, and where its web app is. `http`: where it listens; without it, at the usual port, so that browsers know it again. */
export async function webDemo(io: Io, data: string, http: string | undefined, network: Network, signal: AbortSignal): Promise<number> {
  const server = join(data, 'server');
  if (await isUp(server)) throw await webIsUp(server);
  say(io, 'Starting a server ...');
  const args = ['server', '--data', server, '--tls', '127.0.0.1:0', ...(http === undefined ? [] : ['--http', http])];
  const { ready } = await network.start('server', args, join(data, 'server.log'), signal);
  say(io, 'Parley is up. Open this in a browser:');
  say(io, '');
  say(io, `    ${ready.http}`);
  say(io, '');
  say(io, 'A second window, in another browser or a private one, is a second person: the two can talk at once.');
  say(io, `A node in a terminal joins them:  ./parley node --data .parley/me --connect ${ready.tls}`);
  say(io, `What the server keeps is in ${typed(data)}. Ctrl-C ends it.`);
  await untilTold(network, signal);
  return EXIT.ok;
}
