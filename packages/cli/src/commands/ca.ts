import { resolve } from 'node:path';
import { type AddCommand, type Context, jsonOption, numberOption, type Options, textOption, wholeNumber } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { failureOf } from '../failure.ts';
import { askNewPassphrase, askPassphrase, canAsk, givenPassphrase } from '../passphrase.ts';
import { readText } from '../read-text.ts';
import { safeText } from '../text/safe-text.ts';
import { dayOf } from '../text/time.ts';

type Host = typeof import('@parley/host');

const MOST_DAYS = 36_500;

function depsOf(host: Host) {
  return { crypto: host.createCrypto(), random: host.createRandom(), clock: host.createClock() };
}

/** Opens an authority, asking for its passphrase where it turns out to need one. */
async function open(host: Host, directory: string, context: Context, options: Options) {
  const given = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
  try {
    return await host.openAuthority(directory, depsOf(host), given);
  } catch (error) {
    if (given !== undefined || failureOf(error)?.code !== 'bad-passphrase' || !canAsk(context.io)) throw error;
    return await host.openAuthority(directory, depsOf(host), await askPassphrase('Passphrase of the authority: ', context.io));
  }
}

export const addCa: AddCommand = (program, attach) => {
  const ca = program
    .command('ca')
    .description('an authority for a closed network, which admits only nodes whose certificate it issued')
    .addHelpText(
      'after',
      `
In short:
  parley ca create authority
  parley id --data ann --create --name ann --export-certificate ann.pem
  parley ca issue authority --in ann.pem --out ann-issued.pem
  parley id --data ann --install-certificate ann-issued.pem
  parley node --data ann --trust-ca authority/authority.pem --connect HOST:PORT
Every node of the network needs all but the first. Keep the directory of the authority where no node runs.`,
    );

  const create = ca
    .command('create <dir>')
    .description('make an authority: its key, and authority.pem for those who are to trust it')
    .option('--name <name>', 'for people: it stands in every certificate', 'Parley authority')
    .option('--rsa', 'an RSA key of 3072 bits in place of Ed25519')
    .option('--days <days>', 'how long it holds', wholeNumber(1, MOST_DAYS), 3650)
    .option('--passphrase-file <file>', 'encrypt the key under the passphrase in the first line of this file')
    .option('--ask-passphrase', 'encrypt the key under a passphrase that is asked for')
    .addOption(jsonOption());
  attach(create, async (context, [given = ''], options) => {
    const host = await import('@parley/host');
    const directory = resolve(given);
    const fromFile = await givenPassphrase(textOption(options, 'passphraseFile'), context.io);
    const passphrase = options.askPassphrase === true ? await askNewPassphrase(context.io) : fromFile;
    const name = textOption(options, 'name') ?? 'Parley authority';
    const days = numberOption(options, 'days') ?? 3650;
    const { certificate, pem } = await host.createAuthority(directory, depsOf(host), { name, rsa: options.rsa === true, passphrase, days });
    const file = host.authorityCertificatePath(directory);
    const notAfter = new Date(certificate.notAfter).toISOString();
    context.out.object({
      name: certificate.name ?? name,
      file,
      not_after: notAfter,
      encrypted: passphrase !== undefined,
      certificate: pem,
    });
    context.out.line(`made the authority ${safeText(certificate.name ?? name)}, until ${dayOf(certificate.notAfter)}`);
    context.out.line(`nodes are to trust  ${safeText(file)}`);
    return EXIT.ok;
  });

  const issue = ca
    .command('issue <dir>')
    .description('certify a node, from its certificate or a PKCS #10 request (PEM)')
    .requiredOption('--in <file>', "the node's certificate (parley id --export-certificate), or its request")
    .requiredOption('--out <file>', 'where the issued certificate goes: a new file')
    .option('--name <name>', 'the name in it, in place of the one that the node has')
    .option('--days <days>', 'how long it holds', wholeNumber(1, MOST_DAYS), 365)
    .option('--passphrase-file <file>', "the authority's passphrase is the first line of this file")
    .addOption(jsonOption());
  attach(issue, async (context, [given = ''], options) => {
    const host = await import('@parley/host');
    const request = await readText(textOption(options, 'in') ?? '', 'a certificate or a request');
    const authority = await open(host, resolve(given), context, options);
    const name = textOption(options, 'name');
    const days = numberOption(options, 'days') ?? 365;
    const { certificate, pem } = await authority.issue(request, { days, ...(name === undefined ? {} : { name }) });
    const file = resolve(textOption(options, 'out') ?? '');
    await host.writeSafely(file, pem, 0o644, { once: true });
    const { nodeId, keyId, name: issued = '', notAfter } = certificate;
    const until = new Date(notAfter).toISOString();
    context.out.object({ node_id: nodeId, key: keyId, name: issued, not_after: until, file, certificate: pem });
    context.out.line(`certified ${safeText(issued)}  ${nodeId}, until ${dayOf(notAfter)}`);
    context.out.line(`wrote ${safeText(file)}`);
    return EXIT.ok;
  });
};
