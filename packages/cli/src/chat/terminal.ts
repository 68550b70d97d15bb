import type { Io } from '../io.ts';
import { type Key, KeyDecoder } from './keys.ts';
import { ENTER_SCREEN, LEAVE_SCREEN, type Painting, paint } from './paint.ts';

export interface TerminalEvents {
  readonly key: (key: Key) => void;
  readonly resized: (size: { readonly columns: number; readonly rows: number }) => void;
  /** The terminal went away, or the program was told to end. */
  readonly hangup: () => void;
}

/** How long after ESC the rest of a sequence may come; then it was the Escape key. */
const ESCAPE_MS = 50;
const SIGNALS = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/** The terminal that the chat has to itself: keys come in, screens go out, and it is left as it was found, whatever happens. */
export class Terminal {
  readonly #io: Io;
  readonly #decoder = new KeyDecoder();
  #shown: Painting | undefined;
  #last: Painting | undefined;
  #open = false;

  constructor(io: Io) {
    this.#io = io;
  }

  get size(): { columns: number; rows: number } {
    const { columns, rows } = this.#io.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }

  /** Runs `work` on the alternate screen. */
  async with<T>(work: () => Promise<T>): Promise<T> {
    const leave = (): void => this.#leave();
    this.#enter();
    // Also when the program ends by an error that nobody caught.
    process.once('exit', leave);
    const crashed = (error: unknown): void => {
      leave();
      this.#io.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    };
    process.once('uncaughtException', crashed);
    try {
      return await work();
    } finally {
      leave();
      process.off('exit', leave);
      process.off('uncaughtException', crashed);
    }
  }

  /** To be called within `with`. */
  on(events: TerminalEvents): void {
    const { stdin, stdout } = this.#io;
    let waiting: NodeJS.Timeout | undefined;
    stdin.on('data', (chunk) => {
      clearTimeout(waiting);
      for (const key of this.#decoder.push(String(chunk))) events.key(key);
      if (!this.#decoder.pending) return;
      waiting = setTimeout(() => {
        for (const key of this.#decoder.flush()) events.key(key);
      }, ESCAPE_MS);
    });
    stdin.once('end', events.hangup);
    stdin.once('error', events.hangup);
    stdout.on('resize', () => {
      this.#shown = undefined;
      events.resized(this.size);
    });
    for (const signal of SIGNALS) process.once(signal, events.hangup);
  }

  show(painting: Painting): void {
    this.#last = painting;
    if (!this.#open) return;
    const changes = paint(this.#shown, painting);
    this.#shown = painting;
    if (changes !== '') this.#io.stdout.write(changes);
  }

  /** Draws everything again: something else may have written on the screen. */
  redraw(): void {
    this.#shown = undefined;
    if (this.#last) this.show(this.#last);
  }

  #enter(): void {
    const { stdin, stdout } = this.#io;
    this.#open = true;
    stdout.write(ENTER_SCREEN);
    stdin.setEncoding('utf8');
    stdin.setRawMode?.(true);
    stdin.resume();
  }

  #leave(): void {
    if (!this.#open) return;
    this.#open = false;
    const { stdin, stdout } = this.#io;
    stdout.write(LEAVE_SCREEN);
    stdin.setRawMode?.(false);
    stdin.pause();
    stdin.removeAllListeners('data');
  }
}
