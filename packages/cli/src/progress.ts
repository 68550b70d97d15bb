import { sizeText } from '@parley/core';
import type { Io } from './io.ts';

const WIDTH = 30;
/** So often at most is it drawn. */
const DRAW_MS = 100;

/** A bar on a terminal for what takes long: `film.bin  ███████───  1.2 GiB of 3.0 GiB  41 %  85 MiB/s`. Nothing where nobody sees it. */
export class ProgressBar {
  readonly #io: Io;
  readonly #label: string;
  readonly #shown: boolean;
  readonly #begun = performance.now();
  #first: number | undefined;
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(io: Io, json: boolean, label: string) {
    this.#io = io;
    this.#label = label;
    this.#shown = !json && io.stderr.isTTY === true;
  }

  /** `note`: in place of the speed; `words`: of an amount, where it is not bytes. */
  update(done: number, all: number, note?: string, words: (amount: number) => string = sizeText): void {
    const now = performance.now();
    if (!this.#shown || (now - this.#drawn < DRAW_MS && done < all)) return;
    this.#drawn = now;
    this.#first ??= done;
    const share = all === 0 ? 1 : Math.min(1, done / all);
    const full = Math.round(share * WIDTH);
    const speed = `${words(Math.round(((done - this.#first) * 1000) / Math.max(1, now - this.#begun)))}/s`;
    const bar = '█'.repeat(full) + '─'.repeat(WIDTH - full);
    const text = `${this.#label}  ${bar}  ${words(done)} of ${words(all)}  ${Math.floor(share * 100)} %  ${note ?? speed}`;
    this.#io.stderr.write(`\r\u001b[2K${text}`);
  }

  /** Takes it away. */
  end(): void {
    if (this.#shown && this.#drawn > 0) this.#io.stderr.write('\r\u001b[2K');
  }
}
