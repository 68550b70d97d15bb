import type { Log, LogFields } from '@parley/core';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

/** The log of a page: its console, from a level on. */
export function createLog(level: LogLevel = 'warn', bound: LogFields = {}): Log {
  const from = LEVELS.indexOf(level);
  const at =
    (name: LogLevel) =>
    (message: string, fields?: LogFields): void => {
      // The console may print `%s` and the like from a stranger's words: the message is never the format.
      if (LEVELS.indexOf(name) >= from) console[name]('%s', `parley: ${message}`, { ...bound, ...fields });
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => createLog(level, { ...bound, ...fields }),
  };
}
