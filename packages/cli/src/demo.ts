import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isUp, Network, ROOT } from './demo/network.ts';
import { terminalDemo, terminalIsUp } from './demo/terminal.ts';
import { webDemo, webIsUp } from './demo/web.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Failure, failureOf } from './failure.ts';
import { type Io, processIo } from './io.ts';

const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

const HELP = `npm start -- [--terminal] [--data DIR] [--http HOST:PORT]

Brings up a server with the web app, prints the address to open, and stays up until Ctrl-C or SIGTERM.

  --terminal  instead, a server and two nodes, alice and bob, that meet in #lobby, and the terminal chat of alice
  --data DIR  where their data is kept between runs (default: .parley/demo)
  --http HOST:PORT  where the web app is (default: 127.0.0.1:4718, or a free port when that one is taken)
`;

interface Wanted {
  readonly data: string;
  readonly terminal: boolean;
  readonly http: string | undefined;
}

async function demo(io: Io, { data, terminal, http }: Wanted): Promise<number> {
  const ended = new AbortController();
  const onSignal = (): void => ended.abort();
  for (const name of SIGNALS) process.on(name, onSignal);
  const network = new Network();
  try {
    const { inPrivateDirectory } = await import('@parley/host');
    return await inPrivateDirectory(data, () =>
      terminal ? terminalDemo(io, data, network, ended.signal) : webDemo(io, data, http, network, ended.signal),
    );
  } catch (error) {
    if (failureOf(error)?.code === 'in-use' && terminal) throw terminalIsUp(data);
    // Somebody else was quicker.
    if (failureOf(error)?.code === 'in-use' && (await isUp(join(data, 'server')))) throw await webIsUp(join(data, 'server'));
    if (ended.signal.aborted) return EXIT.ok;
    throw error;
  } finally {
    await network.stop();
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

/** `npm start`: a network to look at. Resolves with the exit code. */
export async function run(argv: readonly string[], io: Io = processIo): Promise<number> {
  try {
    const options = {
      data: { type: 'string' },
      http: { type: 'string' },
      terminal: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    } as const;
    const { values } = parseArgs({ args: [...argv], options });
    if (values.help === true) {
      io.stdout.write(HELP);
      return EXIT.ok;
    }
    const { terminal = false, http } = values;
    if (terminal && http !== undefined) throw new Failure('usage', '--http is for the web app: leave out --terminal');
    return await demo(io, { data: resolve(ROOT, values.data ?? '.parley/demo'), terminal, http });
  } catch (error) {
    const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    const failure = usage ? new Failure('usage', error.message) : failureOf(error);
    if (!failure) throw error;
    io.stderr.write(`${failure.message}\n`);
    return exitCodeOf(failure.code);
  }
}
