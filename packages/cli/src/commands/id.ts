import { type AddCommand, type Context, dataDirectory, dataOption, jsonOption, type Options, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import { type IdentityFacts, identityLines } from '../format/identity.ts';
import { askNewPassphrase, backupPassphrase, givenPassphrase } from '../passphrase.ts';
import { readText } from '../read-text.ts';
import { safeText } from '../text/safe-text.ts';

type Host = typeof import('@parley/host');

async function create(host: Host, data: string, context: Context, options: Options): Promise<void> {
  const name = textOption(options, 'name');
  if (name === undefined) throw new Failure('usage', 'a new identity needs a --name');
  const given = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
  const passphrase = options.askPassphrase === true ? await askNewPassphrase(context.io) : given;
  await host.inPrivateDirectory(data, (path) => host.createIdentityFile(path, depsOf(host), { name, passphrase }));
}

const depsOf = (host: Host) => ({ crypto: host.createCrypto(), random: host.createRandom(), clock: host.createClock() });

async function backUp(host: Host, data: string, file: string, context: Context, options: Options): Promise<void> {
  await read(host, data);
  const present = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
  const passphrase = await backupPassphrase(textOption(options, 'backupPassphraseFile'), context.io, true);
  await host.writeSafely(file, await host.backUpIdentity(data, depsOf(host), present, { passphrase }), 0o600, { once: true });
}

async function restore(host: Host, data: string, file: string, context: Context, options: Options): Promise<void> {
  const text = await readText(file, 'a backup');
  const passphrase = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
  const backup = { text, passphrase: await backupPassphrase(textOption(options, 'backupPassphraseFile'), context.io, false) };
  await host.inPrivateDirectory(data, (path) => host.restoreIdentity(path, depsOf(host), backup, { passphrase }));
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
    .option('--export-certificate <file>', 'write the certificate to a new file, for an authority to certify')
    .option('--install-certificate <file>', 'use the certificate that an authority issued; a running node does from its next start')
    .option('--create', 'make the identity, where there is none; `node` and `server` do so by themselves')
    .option('--name <name>', 'with --create: the name others see')
    .option('--backup <file>', 'write the identity alone to a new file, encrypted under a passphrase; `parley backup` writes everything')
    .option('--restore <file>', 'make the identity from such a file, where there is none')
    .option('--backup-passphrase-file <file>', 'the passphrase of the backup is the first line of this file; else it is asked for')
    .option('--passphrase-file <file>', 'with --create and --restore: encrypt it under the passphrase in the first line of this file')
    .option('--ask-passphrase', 'with --create: encrypt it under a passphrase that is asked for')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, _, options) => {
    const { out } = context;
    const host = await import('@parley/host');
    const data = dataDirectory(options, context.io);
    if (options.create === true) await create(host, data, context, options);
    const backup = textOption(options, 'restore');
    if (backup !== undefined) await restore(host, data, backup, context, options);
    const from = textOption(options, 'installCertificate');
    if (from !== undefined) await host.installCertificate(data, host.createCrypto(), await readText(from, 'a certificate'));
    const facts = await factsOf(host, data);
    const to = textOption(options, 'exportCertificate');
    if (to !== undefined) await host.writeSafely(to, facts.certificate, 0o644, { once: true });
    const backedUp = textOption(options, 'backup');
    if (backedUp !== undefined) await backUp(host, data, backedUp, context, options);
    if (options.pem === true) {
      out.raw(facts.certificate);
      return EXIT.ok;
    }
    out.object(facts);
    for (const line of identityLines(facts, out.style)) out.line(line);
    if (from !== undefined) out.line(`installed the certificate in ${safeText(from)}`);
    if (backup !== undefined) out.line(`restored from ${safeText(backup)}`);
    if (backedUp !== undefined)
      out.line(`wrote the backup to ${safeText(backedUp)}: keep its passphrase, without it the file is worth nothing`);
    if (to !== undefined) out.line(`wrote the certificate to ${safeText(to)}`);
    return EXIT.ok;
  });
};
