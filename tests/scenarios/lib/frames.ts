import type { Message } from '@parley/core';

/** What went over links, as text, below their own encryption: what those on the way can read. */
export class Frames {
  readonly #texts: string[] = [];

  add(bytes: Uint8Array | string): void {
    this.#texts.push(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString());
  }

  /** Of some texts those that anybody on the way could have read: as they are, or in any base64 that stands in a message, however deep. */
  readable(texts: readonly string[]): string[] {
    const found = new Set<string>();
    const look = (where: string, depth: number): void => {
      for (const text of texts) if (where.includes(text)) found.add(text);
      if (depth === 0) return;
      for (const [run] of where.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) look(Buffer.from(run, 'base64').toString(), depth - 1);
    };
    for (const text of this.#texts) look(text, 4);
    return [...found];
  }

  /** Messages of a verb, in the order in which they went over links; those that were passed on, as often. */
  of(verb: string): Message[] {
    return this.#texts.map((text) => JSON.parse(text) as Message).filter(({ msg_type }) => msg_type === verb);
  }

  /** Pairs of texts that stand in one message, as they are. */
  together(texts: readonly string[]): [string, string][] {
    const found = new Map<string, [string, string]>();
    for (const where of this.#texts) {
      const [first, second] = texts.filter((text) => where.includes(text));
      if (first !== undefined && second !== undefined) found.set(`${first} ${second}`, [first, second]);
    }
    return [...found.values()];
  }

  /** Messages of a verb that went over any link. */
  count(verb: string): number {
    return this.#texts.filter((text) => text.includes(`"msg_type":"${verb}"`)).length;
  }
}
