import { readFile } from 'node:fs/promises';
import { type AddCommand, type Context, dataDirectory, dataOption, jsonOption, type Options, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import { type IdentityFacts, identityLines } from '../format/identity.ts';
import { askNewPassphrase, givenPassphrase } from '../passphrase.ts';
import { safeText } from '../text/safe-text.ts';

type Host = typeof import('@parley/host');

async function create(host: Host, data: string, context: Context, options: Options): Promise<void> {
  const name = textOption(options, 'name');
  if (name === undefined) throw new Failure('usage', 'a new identity needs a --name');
  const given = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
  const passphrase = options.askPassphrase === true ? await askNewPassphrase(context.io) : given;
  await host.makePrivateDirectory(data);
  const deps = { crypto: host.createCrypto(), random: host.createRandom(), clock: host.createClock() };
  await host.createIdentityFile(data, deps, { name, passphrase });
}

async function read(host: Host, data: string) {
  try {
    return await host.readPublicIdentity(data, host.createCrypto());
  } catch (error) {
    if (failureOf(error)?.code !== 'not-found') throw error;
    throw new Failure('not-found', `there is no identity in ${data} yet: \`parley node\` makes one, and so does \`parley id --create\``);
  }
}

async function factsOf(host: Host, data: string): Promise<IdentityFacts> {
  const { name, nodeId, keyId, certificate, encrypted } = await read(host, data);
  return {
    node_id: nodeId,
    key: keyId,
    name,
    encrypted,
    self_signed: certificate.selfSigned,
    not_after: new Date(certificate.notAfter).toISOString(),
    certificate: host.toPem('CERTIFICATE', certificate.der),
  };
}

export const addId: AddCommand = (program, attach) => {
  const command = program
    .command('id')
    .description('who the node of a data directory is; it need not be running')
    .option('--pem', 'print the certificate alone, as PEM')
    .option('--export-certificate <file>', 'write the certificate to a file, for an authority to certify')
    .option('--install-certificate <file>', 'use the certificate that an authority issued; a running node does from its next start')
    .option('--create', 'make the identity, where there is none; `node` and `server` do so by themselves')
    .option('--name <name>', 'with --create: the name others see')
    .option('--passphrase-file <file>', 'with --create: encrypt it under the passphrase in the first line of this file')
    .option('--ask-passphrase', 'with --create: encrypt it under a passphrase that is asked for')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, _, options) => {
    const { out } = context;
    const host = await import('@parley/host');
    const data = dataDirectory(options, context.io);
    if (options.create === true) await create(host, data, context, options);
    const from = textOption(options, 'installCertificate');
    if (from !== undefined) await host.installCertificate(data, host.createCrypto(), await readFile(from, 'utf8'));
    const facts = await factsOf(host, data);
    const to = textOption(options, 'exportCertificate');
    if (to !== undefined) await host.writeSafely(to, facts.certificate, 0o644);
    if (options.pem === true) {
      out.raw(facts.certificate);
      return EXIT.ok;
    }
    out.object(facts);
    for (const line of identityLines(facts, out.style)) out.line(line);
    if (from !== undefined) out.line(`installed the certificate in ${safeText(from)}`);
    if (to !== undefined) out.line(`wrote the certificate to ${safeText(to)}`);
    return EXIT.ok;
  });
};
