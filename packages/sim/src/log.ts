import type { Log, LogFields } from '@parley/core';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LogEntry {
  /** Virtual milliseconds. */
  readonly at: number;
  readonly host: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Entries that are kept; older ones are forgotten, so that a long run does not fill memory. */
const KEPT = 100_000;

/** What the nodes of a world logged, in order. */
export class CollectedLogs {
  readonly #now: () => number;
  #entries: LogEntry[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  entries(filter: { host?: string; level?: LogLevel } = {}): LogEntry[] {
    return this.#entries.filter(
      (entry) => (filter.host === undefined || entry.host === filter.host) && (filter.level === undefined || entry.level === filter.level),
    );
  }

  /** The log port of one host. */
  log(host: string, fields: LogFields = {}): Log {
    const add =
      (level: LogLevel) =>
      (message: string, more: LogFields = {}): void => {
        this.#entries.push({ at: this.#now(), host, level, message, fields: { ...fields, ...more } });
        if (this.#entries.length >= 2 * KEPT) this.#entries = this.#entries.slice(-KEPT);
      };
    return {
      debug: add('debug'),
      info: add('info'),
      warn: add('warn'),
      error: add('error'),
      child: (more) => this.log(host, { ...fields, ...more }),
    };
  }
}
