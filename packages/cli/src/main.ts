import { safeJson } from '@parley/core';
import type { ChannelView } from '@parley/host';
import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Failure, failureOf } from './failure.ts';
import { channelLines } from './format/channels.ts';
import { type Io, processIo } from './io.ts';
import { buildProgram } from './program.ts';
import { safeText } from './text/safe-text.ts';
import { plainStyle } from './text/style.ts';

/** Whoever read our output has gone, as in `parley read … | head`: there is nothing left to do, and nothing went wrong. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}

function usageFailure(error: CommanderError): Failure {
  return new Failure('usage', error.message.replace(/^error: /, '').replace(/\n/g, ' '));
}

/** One line on standard error; with `--json`, one object. A defect of the program shows where it is as well. */
function report(thrown: unknown, io: Io, json: boolean): number {
  const failure = thrown instanceof CommanderError ? usageFailure(thrown) : (failureOf(thrown) ?? new Failure('internal', defect(thrown)));
  if (json) {
    const { code, message, data } = failure;
    io.stderr.write(`${safeJson({ error: { code, message, ...(Object.keys(data).length > 0 ? { data } : {}) } })}\n`);
  } else {
    const help = failure.code === 'usage' ? ' (see --help)' : '';
    io.stderr.write(`parley: ${safeText(failure.message, { lines: failure.code === 'internal' })}${help}\n`);
    for (const line of candidates(failure)) io.stderr.write(`  ${line}\n`);
  }
  return exitCodeOf(failure.code);
}

/** The channels or people of one name, where that is what was wrong: by what they are told apart. */
function candidates({ code, data: { channels, keys } }: Failure): string[] {
  if (code !== 'conflict') return [];
  if (Array.isArray(channels)) return channelLines(channels as ChannelView[], plainStyle);
  return Array.isArray(keys) ? keys.map(String) : [];
}

function defect(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/**
 * Runs the `parley` command. `argv` is without the program's name. Resolves with the exit code (`exit-codes.ts`); nothing is thrown.
 */
export async function main(argv: readonly string[], io: Io = processIo): Promise<number> {
  // It stays: the reader may turn out to have gone when all is done.
  if (!io.stdout.listeners('error').includes(endWithReader)) io.stdout.on('error', endWithReader);
  let code: number = EXIT.ok;
  const program = buildProgram(io, (result) => {
    code = result;
  });
  if (argv.length === 0) {
    program.outputHelp();
    return EXIT.usage;
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    // Help and version were printed.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
    return report(error, io, argv.includes('--json'));
  }
}
