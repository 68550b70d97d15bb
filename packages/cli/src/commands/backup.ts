import { sizeText } from '@parley/core';
import { type AddCommand, dataDirectory, dataOption, jsonOption, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure, failureOf } from '../failure.ts';
import { backupPassphrase, givenPassphrase } from '../passphrase.ts';
import { ProgressBar } from '../progress.ts';
import { safeText } from '../text/safe-text.ts';
import { dateTime } from '../text/time.ts';

type Host = typeof import('@parley/host');

const depsOf = (host: Host) => ({ crypto: host.createCrypto(), random: host.createRandom(), clock: host.createClock() });
const PASSPHRASE = 'the passphrase of the backup is the first line of this file; else it is asked for';
const rowWords = (rows: number): string => `${rows} ${rows === 1 ? 'record' : 'records'}`;

export const addBackup: AddCommand = (program, attach) => {
  const command = program
    .command('backup <file>')
    .description('write everything of a data directory, encrypted under a passphrase, into a new file; its node may be running')
    .option('--backup-passphrase-file <file>', PASSPHRASE)
    .option('--passphrase-file <file>', 'the passphrase of the identity is the first line of this file')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, [file = ''], options) => {
    const { io, out } = context;
    const host = await import('@parley/host');
    const data = dataDirectory(options, io);
    const { encrypted } = await host.readPublicIdentity(data, host.createCrypto()).catch((error: unknown) => {
      if (failureOf(error)?.code !== 'not-found') throw error;
      throw new Failure('not-found', `there is no identity in ${data}: nothing to back up`);
    });
    const present = encrypted ? await givenPassphrase(textOption(options, 'passphraseFile'), io) : undefined;
    const passphrase = await backupPassphrase(textOption(options, 'backupPassphraseFile'), io, true);
    const bar = new ProgressBar(io, options.json === true, 'backup');
    const progress = (done: number, all: number): void => bar.update(done, all, undefined, rowWords);
    const bytes = await host.writeBackupFile(data, depsOf(host), present, file, { passphrase, progress }).finally(() => bar.end());
    out.object({ file, bytes });
    out.line(`wrote the backup to ${safeText(file)} (${sizeText(bytes)}): keep its passphrase, without it the file is worth nothing`);
    return EXIT.ok;
  });
};

export const addRestore: AddCommand = (program, attach) => {
  const command = program
    .command('restore <file>')
    .description('make a data directory out of a backup: where there is no identity yet')
    .option('--backup-passphrase-file <file>', PASSPHRASE)
    .option('--passphrase-file <file>', 'from now on the identity rests under the passphrase in the first line of this file')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(command, async (context, [file = ''], options) => {
    const { io, out } = context;
    const host = await import('@parley/host');
    const data = dataDirectory(options, io);
    const passphrase = await givenPassphrase(textOption(options, 'passphraseFile'), io);
    const backup = await backupPassphrase(textOption(options, 'backupPassphraseFile'), io, false);
    const bar = new ProgressBar(io, options.json === true, 'restore');
    const progress = (done: number, all: number): void => bar.update(done, all);
    const restored = await host
      .restoreBackupFile(data, depsOf(host), file, { passphrase: backup, progress }, { passphrase })
      .finally(() => bar.end());
    const { stored, made, rows, ignored } = restored;
    const { name, nodeId, keyId } = stored.identity;
    const at = made === undefined ? {} : { made: new Date(made).toISOString() };
    out.object({ node_id: nodeId, key: keyId, name, directory: data, ...at, rows, ignored });
    const what = made === undefined ? 'the identity alone' : `${rowWords(rows)}, as of ${dateTime(made)}`;
    out.line(`restored ${safeText(name)} into ${data}: ${what}`);
    if (ignored > 0) out.line(`left out ${rowWords(ignored)} of a kind that this version does not know`);
    out.line('Do not go on using it where it was before: two nodes of one identity take messages from each other.');
    return EXIT.ok;
  });
};
