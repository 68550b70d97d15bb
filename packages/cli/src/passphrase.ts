import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { checkBackupPassphrase } from '@parley/core';
import { Failure } from './failure.ts';
import type { Io } from './io.ts';
import { readText } from './read-text.ts';

/** The first line of a file, or the environment's. Never an argument: those are shown to everybody on the machine. */
export async function givenPassphrase(file: string | undefined, io: Io): Promise<string | undefined> {
  if (file !== undefined) {
    const [line = ''] = (await readText(file, 'a passphrase')).split(/\r?\n/, 1);
    if (line === '') throw new Failure('bad-passphrase', `the first line of ${file} is empty; it is to be the passphrase`);
    return line;
  }
  const value = io.env.PARLEY_PASSPHRASE;
  return value === undefined || value === '' ? undefined : value;
}

export function canAsk(io: Io): boolean {
  return io.stdin.isTTY === true && io.stderr.isTTY === true;
}

/** Asks on the terminal, without showing what is typed. Ctrl-C ends the program as always. */
export function askPassphrase(question: string, io: Io): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: io.stdin, output: silent, terminal: true });
  io.stderr.write(question);
  return new Promise((resolve, reject) => {
    let answered = false;
    lines.once('line', (line) => {
      answered = true;
      lines.close();
      resolve(line);
    });
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => {
      io.stderr.write('\n');
      if (!answered) reject(new Failure('aborted', 'no passphrase was given'));
    });
  });
}

/** Asks for a new one twice. `check` throws for what it may not be. */
export async function askNewPassphrase(io: Io, check: (passphrase: string) => void = () => {}): Promise<string> {
  if (!canAsk(io)) throw new Failure('usage', 'there is no terminal to ask for the passphrase on: use --passphrase-file');
  const first = await askPassphrase('New passphrase: ', io);
  if (first === '') throw new Failure('bad-passphrase', 'a passphrase has at least one character');
  check(first);
  if ((await askPassphrase('The same again: ', io)) !== first) throw new Failure('bad-passphrase', 'these were not the same');
  return first;
}

/** The passphrase of a backup is not the one under which the identity rests here: the file goes elsewhere. */
export async function backupPassphrase(file: string | undefined, io: Io, isNew: boolean): Promise<string> {
  const given = file === undefined ? undefined : await givenPassphrase(file, io);
  if (given === undefined) return await askedBackupPassphrase(io, isNew);
  if (isNew) checkBackupPassphrase(given);
  return given;
}

async function askedBackupPassphrase(io: Io, isNew: boolean): Promise<string> {
  if (!canAsk(io))
    throw new Failure('usage', 'there is no terminal to ask for the passphrase of the backup on: use --backup-passphrase-file');
  return isNew ? askNewPassphrase(io, checkBackupPassphrase) : askPassphrase('Passphrase of the backup: ', io);
}
