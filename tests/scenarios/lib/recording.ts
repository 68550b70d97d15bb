import type { Network } from './network.ts';

/** Every frame of every link, from now on, as text: what all of the network together could read. */
export class Recording {
  readonly #texts: string[] = [];

  constructor(net: Network) {
    net.world.network.onFrame(({ kind, bytes }) => {
      if (kind === 'message') this.#texts.push(Buffer.from(bytes).toString());
      return undefined;
    });
  }

  get size(): number {
    return this.#texts.length;
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

  /** Messages of a verb that went over any link. */
  count(verb: string): number {
    return this.#texts.filter((text) => text.includes(`"msg_type":"${verb}"`)).length;
  }
}
