import {
  answerBytes,
  type Crypto,
  compareDistance,
  type Datagrams,
  FIND_PACKET,
  idOf,
  isAnswer,
  PING_PACKET,
  type Question,
  readQuestion,
  STORE_PACKET,
  writeAnswer,
} from '@parley/core';
import type { World } from '@parley/sim';
import { PORT, type Server } from './server.ts';

type Content = Parameters<typeof writeAnswer>[1];

interface Accomplice {
  readonly id: Uint8Array;
  /** As answers name it. */
  readonly contact: Uint8Array;
}

const NAMED = 20;
const MAX_PACKET = 1200;

/**
 * Servers that were honest until they had their places in tables, and work together from then on. They know all of each other. `drop`: they do not answer.
 * `lie`: they answer with those of their own that are nearest to what is looked for, never with a record, and say that they stored what they throw away.
 */
export class Liars {
  way: 'drop' | 'lie' = 'lie';
  readonly #world: World;
  readonly #crypto: Crypto;
  readonly #all: Accomplice[] = [];

  constructor(world: World, crypto: Crypto) {
    this.#world = world;
    this.#crypto = crypto;
  }

  /** From now on this server is one of them: what it had begun to do as an honest one ends. */
  async turn(server: Server): Promise<void> {
    const { world } = { world: this.#world };
    const { identity, host } = server;
    server.hostile = true;
    world.network.host(host).packets.delete(PORT);
    const datagrams = await world.until(world.network.datagrams(host).bind(`${host}:${PORT}`));
    const id = idOf(identity.nodeId) as Uint8Array;
    this.#all.push({ id, contact: Uint8Array.of(...identity.publicKey, 4, ...host.split('.').map(Number), PORT >> 8, PORT & 0xff) });
    const session = world.random.bytes(32);
    datagrams.onPacket((packet, from) => {
      if (this.way === 'lie') this.#lie(server, session, datagrams, packet, from);
    });
  }

  #lie({ identity }: Server, session: Uint8Array, datagrams: Datagrams, packet: Uint8Array, from: string): void {
    const question = isAnswer(packet) ? undefined : readQuestion(packet);
    if (!question) return;
    const signer = { key: identity.publicKey, session };
    const head = { transaction: question.transaction, token: this.#crypto.sha256(session).subarray(0, 16), signer };
    const made = writeAnswer(head, this.#content(question), MAX_PACKET);
    const signature = identity.sign(answerBytes(this.#crypto.sha256(packet), made.covered));
    if (signature instanceof Promise) return;
    made.packet.set(signature, made.covered.length);
    datagrams.send(from, made.packet);
  }

  #content({ body }: Question): Content {
    if (body.kind === STORE_PACKET) return { kind: STORE_PACKET, status: 'stored' };
    if (body.kind === PING_PACKET) return { kind: PING_PACKET };
    const nearest = this.#all.toSorted((a, b) => compareDistance(body.target, a.id, b.id)).slice(0, NAMED);
    return { kind: FIND_PACKET, record: undefined, contacts: nearest.map(({ contact }) => contact) };
  }
}
