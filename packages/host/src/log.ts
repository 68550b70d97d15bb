import type { Log, LogFields } from '@parley/core';
import { type Logger, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where lines go. */
export interface LogStream {
  write(line: string): unknown;
  readonly isTTY?: boolean;
}

export interface LogOptions {
  readonly level: LogLevel;
  /** One JSON object a line. Default: unless the stream is a terminal. */
  readonly json?: boolean;
  /** Default: standard error, since standard output belongs to what a command answers. */
  readonly stream?: LogStream;
}

/** Names of fields whose value is never written, as a second fence: nobody should log them in the first place. */
const SECRET = /pass(?:word|phrase|wd)|secret|token|private.?key|seed|^pin$|one.?time|authorization|cookie|credential/i;
const REDACTED = '[redacted]';
const MAX_DEPTH = 5;
const MAX_ENTRIES = 50;
const MAX_TEXT = 2_000;

/** A field as it may be written: secrets by name and bytes left out, everything bounded. */
function printable(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return typeof value === 'function' || typeof value === 'symbol' ? undefined : value;
  // Bytes may be anything, keys among it.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `<${value.byteLength} bytes>`;
  if (depth >= MAX_DEPTH) return '…';
  if (value instanceof Error) return errorFields(value, depth);
  if (Array.isArray(value)) return value.slice(0, MAX_ENTRIES).map((entry) => printable(entry, depth + 1));
  if (value instanceof Map || value instanceof Set) return `<${value.size} entries>`;
  return fieldsOf(value, depth + 1);
}

function fieldsOf(value: object, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(value).slice(0, MAX_ENTRIES)) {
    fields[name] = SECRET.test(name) ? REDACTED : printable(entry, depth);
  }
  return fields;
}

function errorFields(error: Error, depth: number): Record<string, unknown> {
  const code: unknown = Reflect.get(error, 'code');
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: printable(error.message, depth),
    stack: printable(error.stack, depth),
    ...(error.cause === undefined ? {} : { cause: printable(error.cause, depth + 1) }),
  };
}

/** Codes of colours (ECMA-48, SGR). */
const COLOURS: Readonly<Record<string, number>> = { debug: 2, info: 32, warn: 33, error: 31 };

function label(level: string, coloured: boolean): string {
  const padded = level.padEnd(5);
  return coloured ? `\x1b[${COLOURS[level] ?? 0}m${padded}\x1b[0m` : padded;
}

/** What a terminal would obey rather than show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about.
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

function escaped(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function shown(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return escaped(value);
  return escaped(JSON.stringify(value) ?? '');
}

/** `12:34:56.789 info  message  field=value`, from a line of JSON; stacks of errors on lines of their own. */
function humanLine(line: string, coloured: boolean): string {
  const { level, time, message, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const stacks: string[] = [];
  const shownFields = Object.entries(fields).map(([name, value]) => {
    if (typeof value !== 'object' || value === null || !('stack' in value)) return `${escaped(name)}=${shown(value)}`;
    const { stack, message: reason, code } = value as Record<string, unknown>;
    const frames = typeof stack === 'string' ? stack.split('\n').filter((frame) => /^\s+at /.test(frame)) : [];
    stacks.push(...frames.map((frame) => `    ${escaped(frame.trim())}\n`));
    return `${escaped(name)}=${shown(code === undefined ? reason : `${String(code)}: ${String(reason)}`)}`;
  });
  const clock = typeof time === 'string' ? time.slice(11, 23) : '';
  const head = [`${clock} ${label(String(level), coloured)} ${escaped(String(message))}`, ...shownFields].join('  ');
  return `${head}\n${stacks.join('')}`;
}

function wrap(logger: Logger): Log {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields?: LogFields): void => {
      if (logger.isLevelEnabled(level)) logger[level](fields ? fieldsOf(fields, 0) : {}, '%s', message);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(logger.child(fieldsOf(fields, 0))),
  };
}

/** The log of a process: JSON lines for programs, plain lines on a terminal. Values of fields with a secret's name are left out. */
export function createLog(options: LogOptions): Log {
  const stream: LogStream = options.stream ?? process.stderr;
  const terminal = stream.isTTY === true;
  const json = options.json ?? !terminal;
  const destination = {
    write: (line: string): void => void stream.write(json ? `${escaped(line.trimEnd())}\n` : humanLine(line, terminal)),
  };
  return wrap(
    pino(
      {
        level: options.level,
        base: null,
        messageKey: 'message',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
      },
      destination,
    ),
  );
}
