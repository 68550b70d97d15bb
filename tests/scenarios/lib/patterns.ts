/**
 * Texts that fit a regular expression: the shortest and the longest, so that tests can be derived from schemas. Knows what the
 * patterns of the protocol use: literals, escapes, classes, groups, alternatives, and bounded repetition.
 */

/** Makes a text of the shortest or the longest kind. */
type Maker = (longest: boolean) => string;

/** The shortest and the longest text that a pattern allows. */
export function textsOf(pattern: string): { readonly shortest: string; readonly longest: string } {
  const made = [new PatternReader(pattern).alternatives()].flatMap((make) => [make(false), make(true)]);
  const [shortest = '', longest = ''] = made;
  const test = new RegExp(pattern, 'u');
  for (const text of [shortest, longest])
    if (!test.test(text)) throw new Error(`${JSON.stringify(text.slice(0, 80))} does not fit ${pattern}`);
  return { shortest, longest };
}

class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(pattern: string) {
    this.#text = pattern;
  }

  alternatives(): Maker {
    const options = [this.#sequence()];
    while (this.#take('|')) options.push(this.#sequence());
    return (longest) =>
      options
        .map((make) => make(longest))
        .reduce((best, text) => (text.length > best.length === longest && text.length !== best.length ? text : best));
  }

  #sequence(): Maker {
    const parts: Maker[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#peek())) parts.push(this.#repeated());
    return (longest) => parts.map((make) => make(longest)).join('');
  }

  #repeated(): Maker {
    const make = this.#atom();
    const [least, most] = this.#bounds();
    return (longest) => {
      const count = longest ? most : least;
      return make(longest).repeat(count);
    };
  }

  #bounds(): [number, number] {
    if (this.#take('?')) return [0, 1];
    const found = /^\{(\d+)(?:,(\d+))?\}/.exec(this.#text.slice(this.#at));
    if (!found) return [1, 1];
    this.#at += found[0].length;
    return [Number(found[1]), Number(found[2] ?? found[1])];
  }

  #atom(): Maker {
    const next = this.#next();
    if (next === '^' || next === '$') return () => '';
    if (next === '(') {
      const make = this.alternatives();
      if (!this.#take(')')) throw new Error(`a group does not end in ${this.#text}`);
      return make;
    }
    if (next === '[') return this.#class();
    if (next === '\\') {
      const escaped = this.#escape();
      return () => escaped;
    }
    if ('.*+'.includes(next)) throw new Error(`${next} in ${this.#text} has no bound`);
    return () => next;
  }

  /** One character of a class: what the class itself allows. */
  #class(): Maker {
    const from = this.#at - 1;
    while (this.#peek() !== ']') {
      if (this.#next() === '\\') this.#at++;
    }
    this.#at++;
    const one = new RegExp(`^${this.#text.slice(from, this.#at)}$`, 'u');
    const found = [...'a1/-:Z ~é😀'].find((character) => one.test(character));
    if (found === undefined) throw new Error(`nothing fits ${one}`);
    return () => found;
  }

  #escape(): string {
    const next = this.#next();
    if (next === 'd') return '1';
    if (next === '.') return '.';
    throw new Error(`\\${next} is not known in ${this.#text}`);
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #next(): string {
    return this.#text[this.#at++] ?? '';
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }
}
