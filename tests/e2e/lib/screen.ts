const ESC = '\u001b';
const CUT = new RegExp(`${ESC}(?:\\[[0-9;?]*)?$`);
const SEQUENCES = new RegExp(`${ESC}\\[([0-9;?]*)([A-Za-z])|([\\s\\S])`, 'gu');

/** A terminal that understands as much as the chat uses of one, to see what a person would see. */
export class Screen {
  readonly #columns: number;
  readonly #cells: string[][];
  #row = 0;
  #column = 0;
  #rest = '';
  /** Whether the alternate screen is on. */
  alternate = false;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#cells = Array.from({ length: rows }, () => Array<string>(columns).fill(' '));
  }

  get lines(): string[] {
    return this.#cells.map((row) => row.join('').trimEnd());
  }

  get text(): string {
    return this.lines.join('\n');
  }

  write(data: string): void {
    const text = this.#rest + data;
    // A sequence that is cut stays for the next piece.
    const cut = CUT.exec(text);
    this.#rest = cut ? text.slice(cut.index) : '';
    for (const [, sequence, final, other] of text.slice(0, cut?.index).matchAll(SEQUENCES)) {
      if (other !== undefined) this.#put(other);
      else this.#control(sequence ?? '', final ?? '');
    }
  }

  #put(character: string): void {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#row = Math.min(this.#cells.length - 1, this.#row + 1);
    else {
      const row = this.#cells[this.#row];
      if (row && this.#column < this.#columns) row[this.#column++] = character;
    }
  }

  #control(sequence: string, final: string): void {
    const [first = 0, second = 0] = sequence.split(';').map(Number);
    if (final === 'H') {
      this.#row = Math.max(1, first) - 1;
      this.#column = Math.max(1, second) - 1;
    } else if (final === 'J') {
      for (const row of this.#cells) row.fill(' ');
    } else if (final === 'K') {
      this.#cells[this.#row]?.fill(' ', sequence === '2' ? 0 : this.#column);
    } else if (sequence === '?1049') {
      this.alternate = final === 'h';
    }
  }
}
