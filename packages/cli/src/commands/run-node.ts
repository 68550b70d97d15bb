import type { HostNodeOptions, ReadyEvent } from '@parley/host';
import { type Command, Option } from 'commander';
import { type Context, collect, dataDirectory, dataOption, jsonOption, listOption, type Options, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { failureOf } from '../failure.ts';
import { askPassphrase, canAsk, givenPassphrase } from '../passphrase.ts';

const LEVELS = ['error', 'warn', 'info', 'debug'] as const;

/** The options that `server` and `node` share. */
export function addNodeOptions(command: Command): Command {
  return command
    .addOption(dataOption())
    .option('--name <name>', 'the name others see, at most 64 characters, no #')
    .option('--tls <host:port>', 'listen for links of other nodes here; port 0 takes a free one')
    .option('--udp <host:port>', 'UDP here; `off` for none')
    .addOption(
      new Option('--lan <on|off>', 'find the nodes of the local network, and be found by them').choices(['on', 'off']).default('on'),
    )
    .option(
      '--advertise <endpoint>',
      'others reach this node there, tls:HOST:PORT, udp:HOST:PORT or wss:HOST, in place of what is bound; may be given several times',
      collect,
    )
    .option('--unlisted', 'publish no record of where this node is: it finds others by key, and is not found')
    .option('--http <host:port>', 'the web app, links of browsers, /healthz and /metrics here; `off` for none of them')
    .option('--http-cert <file>', 'a certificate (PEM, with its chain): --http is HTTPS')
    .option('--http-key <file>', 'its key (PEM)')
    .option(
      '--http-proxy <origin>',
      'a proxy with HTTPS passes requests on to --http; people open this, such as https://chat.example.org; may be given several times',
      collect,
    )
    .option('--http-origin <origin>', 'pages of this origin may open links here too, * for all; may be given several times', collect)
    .option('--connect <address>', 'dial this node, HOST:PORT or wss://HOST, and stay connected; may be given several times', collect)
    .option(
      '--trust-ca <file>',
      'a closed network: links only with nodes whose certificate this authority issued; may be given several times',
      collect,
    )
    .option('--passphrase-file <file>', "the identity's passphrase is the first line of this file")
    .addOption(new Option('--log-level <level>', 'how much is logged on standard error').choices(LEVELS).default('warn'))
    .addOption(jsonOption());
}

function printReady(context: Context, ready: ReadyEvent, data: string): void {
  const { out } = context;
  out.object(ready);
  out.line(`ready  ${out.style.bold(ready.node_id)}`);
  if (ready.tls !== undefined) out.line(`  links at  ${ready.tls}`);
  if (ready.http !== undefined) out.line(`  web app   ${ready.http}`);
  out.line(`  data      ${data}`);
  out.line('Ctrl-C ends it.');
}

/** Where to listen; false for nowhere. */
function addressOrOff(options: Options, name: string): string | false | undefined {
  const text = textOption(options, name);
  return text === 'off' ? false : text;
}

/** Runs a node in the foreground. */
export async function runNode(context: Context, options: Options, nodeType: 'client' | 'server'): Promise<number> {
  const { createLog, runHostNode } = await import('@parley/host');
  const data = dataDirectory(options, context.io);
  const level = LEVELS.find((name) => name === options.logLevel) ?? 'warn';
  const given = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
  const start = (passphrase: string | undefined): Promise<number> => {
    const settings: HostNodeOptions = {
      data,
      nodeType,
      name: textOption(options, 'name'),
      tls: textOption(options, 'tls'),
      udp: addressOrOff(options, 'udp'),
      lan: textOption(options, 'lan') !== 'off',
      advertise: listOption(options, 'advertise'),
      unlisted: options.unlisted === true,
      http: addressOrOff(options, 'http'),
      httpCert: textOption(options, 'httpCert'),
      httpKey: textOption(options, 'httpKey'),
      httpProxies: listOption(options, 'httpProxy'),
      httpOrigins: listOption(options, 'httpOrigin'),
      connect: listOption(options, 'connect'),
      authorities: listOption(options, 'trustCa'),
      passphrase,
      log: createLog({ level, ...(context.out.json ? { json: true } : {}) }),
      onReady: (ready) => printReady(context, ready, data),
    };
    return runHostNode(settings);
  };
  if (given === undefined && canAsk(context.io) && (await isEncrypted(data))) {
    return await start(await askPassphrase('Passphrase: ', context.io));
  }
  return (await start(given)) === 0 ? EXIT.ok : EXIT.failed;
}

/** Whether the identity rests under a passphrase. Whatever else is wrong with it, the start will say. */
async function isEncrypted(data: string): Promise<boolean> {
  const { createCrypto, readPublicIdentity } = await import('@parley/host');
  try {
    return (await readPublicIdentity(data, createCrypto())).encrypted;
  } catch (error) {
    if (failureOf(error)) return false;
    throw error;
  }
}
