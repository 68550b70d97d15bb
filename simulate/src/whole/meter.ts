import { FIND_PACKET, hex, isAnswer, readAnswer, readQuestion } from '@parley/core';
import type { World } from '@parley/sim';

/** What one lookup took, as seen on the wire. */
export interface Cost {
  readonly questions: number;
  readonly packets: number;
  readonly bytes: number;
  /** From the first server asked to the one that had the record; 0 when none had. */
  readonly hops: number;
}

interface Watched {
  readonly target: string;
  /** Transactions of its packets, with the servers that were asked. */
  readonly asked: Map<string, string>;
  /** How far from the start a server was heard of. */
  readonly depth: Map<string, number>;
  questions: number;
  packets: number;
  bytes: number;
  hops: number;
}

const ADDRESS_BYTES = 39;

/** Looks at the packets of lookups, one of each host at a time, and counts. */
export class LookupMeter {
  readonly #watched = new Map<string, Watched>();
  readonly #end: () => void;

  constructor(world: World) {
    this.#end = world.network.onFrame(({ kind, from, to, bytes }) => {
      if (kind !== 'datagram') return undefined;
      const asker = this.#watched.get(isAnswer(bytes) ? to : from);
      if (asker) this.#saw(asker, isAnswer(bytes) ? from : to, bytes);
      return undefined;
    });
  }

  /** `target`: the node id that the host looks for. */
  begin(host: string, target: string): void {
    const id = target.replaceAll('-', '');
    this.#watched.set(host, { target: id, asked: new Map(), depth: new Map(), questions: 0, packets: 0, bytes: 0, hops: 0 });
  }

  end(host: string): Cost {
    const seen = this.#watched.get(host);
    this.#watched.delete(host);
    return seen ?? { questions: 0, packets: 0, bytes: 0, hops: 0 };
  }

  close(): void {
    this.#end();
  }

  #saw(watched: Watched, other: string, bytes: Uint8Array): void {
    if (!isAnswer(bytes)) this.#asked(watched, other, bytes);
    else this.#answered(watched, other, bytes);
  }

  #asked(watched: Watched, other: string, bytes: Uint8Array): void {
    const question = readQuestion(bytes);
    if (question?.body.kind !== FIND_PACKET || question.body.nodesOnly || hex(question.body.target) !== watched.target) return;
    if (![...watched.asked.values()].includes(other)) watched.questions++;
    watched.asked.set(hex(question.transaction), other);
    watched.packets++;
    watched.bytes += bytes.length;
    if (!watched.depth.has(other)) watched.depth.set(other, 1);
  }

  #answered(watched: Watched, other: string, bytes: Uint8Array): void {
    const answer = readAnswer(bytes);
    if (!answer || !watched.asked.has(hex(answer.transaction))) return;
    watched.packets++;
    watched.bytes += bytes.length;
    if (answer.body?.kind !== FIND_PACKET) return;
    const depth = watched.depth.get(other) ?? 1;
    if (answer.body.record && watched.hops === 0) watched.hops = depth;
    const { contacts } = answer.body;
    for (let at = 0; at + ADDRESS_BYTES <= contacts.length; at += ADDRESS_BYTES) {
      const host = contacts.subarray(at + 33, at + 37).join('.');
      if (!watched.depth.has(host)) watched.depth.set(host, depth + 1);
    }
  }
}
