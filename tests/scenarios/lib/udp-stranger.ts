import {
  type Answer,
  commonBits,
  type Datagrams,
  FIND_PACKET,
  type Identity,
  isAnswer,
  makeRecord,
  nodeIdOf,
  PING_PACKET,
  purposeBytes,
  type Question,
  type QuestionBody,
  type RecordContent,
  readAnswer,
  readQuestion,
  STORE_PACKET,
  writeAnswer,
  writeQuestion,
} from '@parley/core';
import type { Network } from './network.ts';

const HOUR = 60 * 60_000;

/** What it answers: as the third argument of `writeAnswer`'s body; undefined for silence. */
type Content = Parameters<typeof writeAnswer>[1];

/** Somebody who speaks the packets of the registry by hand, and does with them what a test wants. */
export class UdpStranger {
  readonly identity: Identity;
  readonly host: string;
  /** What it answers to a question. Default: as an honest node that knows nobody. */
  answer: (question: Question) => Content | undefined = UdpStranger.honest;
  /** Questions that came. */
  readonly asked: Question[] = [];
  /** Bytes of each packet that came. */
  readonly sizes: number[] = [];
  readonly #net: Network;
  readonly #datagrams: Datagrams;
  readonly #session: Uint8Array;
  readonly #answers = new Map<string, (answer: Answer) => void>();
  /** What servers gave it to prove its address. */
  readonly #tokens = new Map<string, Uint8Array>();

  private constructor(net: Network, host: string, identity: Identity, datagrams: Datagrams) {
    this.#net = net;
    this.host = host;
    this.identity = identity;
    this.#datagrams = datagrams;
    // Of a key that nobody has: its answers are signed, always.
    this.#session = net.world.random.bytes(32);
    datagrams.onPacket((packet, from) => this.#received(packet, from));
  }

  static async bind(net: Network, host: string, given?: Identity): Promise<UdpStranger> {
    const identity = given ?? (await net.identity(host));
    return new UdpStranger(net, host, identity, await net.world.until(net.world.network.datagrams(host).bind(`${host}:4000`)));
  }

  /** As a node that knows nobody. */
  static honest(question: Question): Content {
    if (question.kind === FIND_PACKET) return { kind: FIND_PACKET, record: undefined, contacts: [] };
    if (question.kind === STORE_PACKET) return { kind: STORE_PACKET, status: 'stored' };
    return { kind: PING_PACKET };
  }

  get id(): Uint8Array {
    return Buffer.from(this.identity.nodeId.replaceAll('-', ''), 'hex');
  }

  /** As answers name it. */
  get contact(): Uint8Array {
    return Uint8Array.of(...this.identity.publicKey, 4, ...this.host.split('.').map(Number), 4000 >> 8, 4000 & 0xff);
  }

  /** Asks a server, and returns what it answers within a second. `token: null` leaves out the token that it has. */
  async ask(server: string, body: QuestionBody, options: { token?: Uint8Array | null } = {}): Promise<Answer | undefined> {
    const transaction = this.#net.world.random.bytes(8);
    const token = options.token === null ? undefined : (options.token ?? this.#tokens.get(server));
    let answer: Answer | undefined;
    this.#answers.set(Buffer.from(transaction).toString('hex'), (came) => {
      answer = came;
    });
    const { publicKey: key } = this.identity;
    this.send(server, writeQuestion({ transaction, key, session: this.#session, token, wantsSignature: true, body }));
    await this.#net.world.advance(1000);
    if (answer) this.#tokens.set(server, new Uint8Array(answer.token));
    return answer;
  }

  /** The token that a server gave it last. */
  tokenOf(server: string): Uint8Array | undefined {
    return this.#tokens.get(server);
  }

  send(server: string, packet: Uint8Array): void {
    this.#datagrams.send(`${server}:4000`, packet);
  }

  /** Has a server store a record. Returns how that was met, `retry` or nothing. */
  async store(server: string, record: Uint8Array): Promise<string | undefined> {
    if (!this.#tokens.has(server)) await this.ask(server, { kind: PING_PACKET });
    const answer = await this.ask(server, { kind: STORE_PACKET, record });
    if (!answer) return undefined;
    return answer.body?.kind === STORE_PACKET ? answer.body.status : 'retry';
  }

  /** Makes itself a contact of a server, as an honest node does. */
  async introduce(server: string): Promise<void> {
    await this.ask(server, { kind: PING_PACKET });
    const { publicKey: key } = this.identity;
    const transaction = this.#net.world.random.bytes(8);
    const draft = { transaction, key, session: this.#session, token: this.#tokens.get(server), wantsSignature: false };
    const body = (signature: Uint8Array): QuestionBody => ({ kind: PING_PACKET, signature });
    const covered = writeQuestion({ ...draft, body: body(new Uint8Array(64)) }).subarray(0, 92);
    const signed = Buffer.concat([purposeBytes('registry-ping', ''), this.#net.get(server).identity.publicKey, covered]);
    this.send(server, writeQuestion({ ...draft, body: body(await this.identity.sign(signed)) }));
    await this.#net.world.advance(200);
  }

  /** A record of its own, or of whatever key. */
  record(seq: number, changes: Partial<RecordContent> = {}, by: Identity = this.identity): Promise<Uint8Array> | Uint8Array {
    const time = this.#net.world.clock.now();
    const content: RecordContent = { nodeType: 'client', endpoints: [], attachments: [], metadata: {}, sealed: [], ...changes };
    return makeRecord(by, content, { seq, time, expires: time + HOUR }) as Promise<Uint8Array>;
  }

  #received(packet: Uint8Array, from: string): void {
    this.sizes.push(packet.length);
    if (isAnswer(packet)) {
      const answer = readAnswer(packet);
      if (answer) this.#answers.get(Buffer.from(answer.transaction).toString('hex'))?.(answer);
      return;
    }
    const question = readQuestion(packet);
    if (!question) throw new Error('an honest node sent what is malformed');
    this.asked.push(question);
    const content = this.answer(question);
    if (content) void this.#reply(question, packet, from, content);
  }

  async #reply(question: Question, packet: Uint8Array, from: string, content: Content): Promise<void> {
    const signer = { key: this.identity.publicKey, session: this.#session };
    const made = writeAnswer({ transaction: question.transaction, token: new Uint8Array(16).fill(1), signer }, content, 1200);
    const hash = this.#net.world.crypto.sha256(packet);
    made.packet.set(
      await this.identity.sign(Buffer.concat([purposeBytes('registry-answer', ''), hash, made.covered])),
      made.covered.length,
    );
    this.#datagrams.send(from, made.packet);
  }
}

/** A key without the certificate that would take long to make. */
export async function someKey(net: Network, name: string): Promise<Identity> {
  const key = await net.world.crypto.signingKey(net.world.crypto.sha256(Buffer.from(name)));
  return { publicKey: key.publicKey, sign: (data: Uint8Array) => key.sign(data) } as Identity;
}

/** Strangers whose keys lie nearer to a node than any server's: that costs a few tries each. */
export async function nearest(net: Network, servers: readonly string[], target: string, count: number): Promise<UdpStranger[]> {
  const others = servers.map((host) => net.idOf(host)).filter((nodeId) => nodeId !== target);
  const bits = Math.max(...others.map((nodeId) => commonBits(target, nodeId)));
  const found: UdpStranger[] = [];
  for (let i = 0; found.length < count; i++) {
    const key = await someKey(net, `near${i}`);
    const nodeId = nodeIdOf(net.world.crypto, key.publicKey);
    if (commonBits(target, nodeId) > bits)
      found.push(await UdpStranger.bind(net, `192.0.${found.length}.1`, { ...key, nodeId } as Identity));
  }
  return found;
}
