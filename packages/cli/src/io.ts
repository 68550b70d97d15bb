import { safeJson } from '@parley/core';
import { ansiStyle, plainStyle, type Style, wantsColour } from './text/style.ts';

export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(on: boolean): unknown;
}

export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

/** What a command may use of its process. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const processIo: Io = process;

/** What a command prints: for people, or with `--json` one object a line. */
export class Output {
  readonly json: boolean;
  readonly style: Style;
  readonly #io: Io;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
    this.style = wantsColour(io.stdout.isTTY === true, io.env) ? ansiStyle : plainStyle;
  }

  /** A line for people. What others wrote in it has gone through `safeText`. Nothing with `--json`. */
  line(text: string): void {
    if (!this.json) this.raw(`${text}\n`);
  }

  /** One object for programs. Nothing without `--json`. */
  object(value: object): void {
    if (this.json) this.raw(`${safeJson(value)}\n`);
  }

  /** What is printed in both forms. */
  raw(text: string): void {
    this.#io.stdout.write(text);
  }

  /** For people, beside the result. */
  note(text: string): void {
    if (!this.json) this.#io.stderr.write(`${text}\n`);
  }
}
