import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Io, Output } from './io.ts';

/** What the action of a command works with. */
export interface Context {
  readonly io: Io;
  readonly out: Output;
}

/** Puts an action on a command: it gets the context, the arguments, and the options. Its number is the exit code. */
export type Attach = (command: Command, action: (context: Context, args: readonly string[], options: Options) => Promise<number>) => void;

/** Options as they were given, by their camel-cased names. */
export type Options = Readonly<Record<string, unknown>>;

/** A file of `commands/` adds one command to the program. */
export type AddCommand = (program: Command, attach: Attach) => void;

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

export function numberOption(options: Options, name: string): number | undefined {
  const value = options[name];
  return typeof value === 'number' ? value : undefined;
}

export function listOption(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** The data directory that a command is about. */
export function dataDirectory(options: Options, io: Io): string {
  const given = textOption(options, 'data') ?? io.env.PARLEY_DATA;
  return resolve(given === undefined || given === '' ? join(homedir(), '.parley') : given);
}

export function jsonOption(): Option {
  return new Option('--json', 'print JSON: one object a line');
}

export function dataOption(): Option {
  return new Option('-d, --data <dir>', 'the data directory (default: $PARLEY_DATA, or ~/.parley)');
}

/** Collects the values of an option that may be given several times. */
export function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** Parses a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most)
      throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
    return number;
  };
}

/** Parses a time in seconds. */
export function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+(?:\.\d+)?$/.test(value) || number <= 0 || number > 86_400)
    throw new InvalidArgumentError('It is a number of seconds, at most 86400.');
  return number;
}

export function contextOf(io: Io, options: Options): Context {
  return { io, out: new Output(io, options.json === true) };
}
