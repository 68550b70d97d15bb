import type { Links } from '../../link/index.ts';
import type { IncomingTransfer, TransferSink } from '../../link/transfers.ts';
import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { equalBytes } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { randomGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import type { FileConfig } from './config.ts';
import { type Level, levelsOf, SEALED_BYTES, sealedLength } from './layout.ts';
import { Parts } from './parts.ts';
import type { Run } from './plan.ts';
import type { FileRecord, Shelf } from './shelf.ts';
import { type Source, Sources } from './sources.ts';
import { FILE_ASK, FILE_WANT } from './verbs.ts';

export interface FetchDeps {
  readonly ports: Ports;
  readonly links: Links;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly shelf: Shelf;
  /** The channel in which it is asked for. */
  readonly place: () => string;
  /** Its members that are in reach: the likeliest to have it first. */
  readonly members: () => string[];
  /** Somebody could give more if there were a link to it. */
  readonly seekDirect: (nodeId: string) => void;
  /** More of it is here than before. */
  readonly progress: () => void;
  /** All of it is here, or it will not be; with what failed. Called once. */
  readonly over: (error?: ParleyError) => void;
}

/** Chunks that a source was asked for. */
interface Question {
  readonly source: Source;
  readonly level: number;
  readonly chunks: Set<number>;
  /** When something came of it last. */
  at: number;
}

const SWEEP_MS = 1000;

/** One file on its way here: asks members for chunks, several at once, and judges what they give. */
export class Fetch {
  readonly record: FileRecord;
  readonly #deps: FetchDeps;
  readonly #config: FileConfig;
  readonly #scope: Scope;
  readonly #levels: readonly Level[];
  readonly #sources: Sources;
  readonly #parts: Parts;
  readonly #questions = new Map<string, Question>();
  /** Members that were asked what they have: what others say of it is not asked for, and would take their places. */
  readonly #invited = new Set<string>();
  #asked = Number.NEGATIVE_INFINITY;
  #finishing = false;
  #over = false;

  constructor(deps: FetchDeps, config: FileConfig, record: FileRecord) {
    this.#deps = deps;
    this.#config = config;
    this.record = record;
    this.#scope = new Scope(deps.ports.clock);
    this.#levels = levelsOf(record.size);
    this.#sources = new Sources(config, this.#levels[0]?.chunks ?? 0, (nodeId) => deps.links.get(nodeId) !== undefined);
    this.#parts = new Parts(deps.ports.crypto, deps.shelf, record);
  }

  /** Bytes of the content that are here. */
  get bytes(): number {
    return this.#parts.bytes;
  }

  get runs(): readonly Run[] {
    return this.#parts.runs;
  }

  /** Whether all lists are here. */
  get listed(): boolean {
    return this.#parts.level === 0;
  }

  /** Whether nobody is there who could give any of it. */
  get waits(): boolean {
    return !this.#sources.any(this.#now());
  }

  /** Looks what is here of it, and begins to ask. */
  start(): void {
    const begin = async (): Promise<void> => {
      await this.#parts.open();
      if (this.#parts.left === 0) return this.#settle(this.#parts.finish());
      this.#deps.progress();
      this.#sweep();
      this.#scope.every(
        () => SWEEP_MS,
        () => this.#sweep(),
      );
      this.#scope.add(this.#deps.links.events.on('up', () => this.#pump()));
      return undefined;
    };
    this.#scope.run(begin(), (error) => this.#end(ParleyError.from(error)));
  }

  /** What is here is on disk when it resolves. Errors: those of the files. */
  sync(): Promise<void> {
    return this.#parts.sync();
  }

  /** Stops asking; what is here stays. */
  async close(): Promise<void> {
    this.#over = true;
    this.#questions.clear();
    await this.#scope.close();
    await this.#parts.close();
  }

  /** A member said what it has; `request`: in place of giving what it was asked for. */
  heard(nodeId: string, runs: readonly Run[], request: string | undefined): void {
    if (!this.#invited.has(nodeId)) return;
    this.#sources.heard(nodeId, runs, this.#now());
    const question = request === undefined ? undefined : this.#questions.get(request);
    if (request !== undefined && question?.source.nodeId === nodeId) this.#close(request, question, true);
    this.#pump();
  }

  /** Whether chunks under a question's id may come from a node. */
  expects(request: string, nodeId: string): boolean {
    return this.#questions.get(request)?.source.nodeId === nodeId;
  }

  /** A chunk that came by relays. */
  async chunk(request: string, index: number, sealed: Uint8Array): Promise<void> {
    const question = this.#questions.get(request);
    if (!question?.chunks.has(index)) return;
    await this.#take(question, index, sealed);
    if (question.chunks.size === 0) this.#close(request, question);
    this.#pump();
  }

  /** Chunks that come over a link, in the order in which they were asked for. */
  sink(request: string, transfer: IncomingTransfer): TransferSink | undefined {
    const question = this.#questions.get(request);
    const level = question && this.#levels[question.level];
    if (!question || !level) return undefined;
    const order = [...question.chunks];
    const { size = 0 } = transfer;
    // A single chunk may be another than its message lets expect: then the message lies, and its address tells.
    const lone = order.length === 1 && size <= SEALED_BYTES;
    if (!lone && size !== order.reduce((sum, index) => sum + sealedLength(level, index), 0)) return undefined;
    let [next, filled] = [0, 0];
    // One for all chunks: each is taken before the next is put into it.
    const room = new Uint8Array(Math.min(size, SEALED_BYTES));
    let buffer = room.subarray(0, lone ? size : sealedLength(level, order[0] ?? 0));
    const fill = async (bytes: Uint8Array): Promise<void> => {
      for (let at = 0; at < bytes.length; ) {
        const part = bytes.subarray(at, at + buffer.length - filled);
        buffer.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < buffer.length) break;
        await this.#take(question, order[next++] ?? 0, buffer);
        filled = 0;
        buffer = room.subarray(0, next < order.length ? sealedLength(level, order[next] ?? 0) : 0);
      }
    };
    let last: Promise<void> = Promise.resolve();
    return {
      data: (bytes) => {
        last = last.then(() => fill(bytes));
        return last;
      },
      closed: (error) => {
        // What came last may still be on its way to disk.
        const closed = last.then(
          () => this.#close(request, question, error !== undefined || question.chunks.size > 0),
          () => this.#close(request, question, true),
        );
        this.#scope.run(
          closed.then(() => this.#pump()),
          () => {},
        );
      },
    };
  }

  /** `sealed` is not kept. */
  async #take(question: Question, index: number, sealed: Uint8Array): Promise<void> {
    const { metrics, ports, progress } = this.#deps;
    const { level, source } = question;
    question.at = this.#now();
    question.chunks.delete(index);
    if (this.#over || level !== this.#parts.level || this.#parts.plan.has(index)) return;
    const expected = this.#parts.address(index);
    const found = source.wrong ? undefined : await ports.crypto.digest(sealed);
    if (this.#over) return;
    if (!found || source.wrong || !equalBytes(found, expected)) {
      this.#parts.plan.release([index]);
      if (source.wrong) return;
      // Whoever gave it is not asked again; the rest comes from others.
      source.wrong = true;
      metrics.reject('file-chunk');
      ports.log.warn('a chunk of a file was not what its address says', { root: this.record.root, from: source.nodeId });
      return;
    }
    try {
      await this.#parts.take(index, sealed);
      source.strikes = 0;
      if (this.#over) return;
      progress();
      if (this.#parts.left === 0 && !this.#finishing) {
        this.#finishing = true;
        this.#settle(this.#parts.finish());
      }
    } catch (error) {
      this.#end(ParleyError.from(error));
    }
  }

  #close(request: string, question: Question, failed = false): void {
    if (!this.#questions.delete(request)) return;
    question.source.open--;
    if (question.level === this.#parts.level) this.#parts.plan.release(question.chunks);
    if (failed) this.#sources.strike(question.source, this.#now());
  }

  #sweep(): void {
    const { answerMs, askMs } = this.#config;
    const now = this.#now();
    for (const [request, question] of [...this.#questions]) if (now - question.at >= answerMs) this.#close(request, question, true);
    for (const nodeId of this.#sources.seek(now)) this.#deps.seekDirect(nodeId);
    if (now - this.#asked >= askMs || (this.waits && now - this.#asked >= askMs / 4)) this.#ask(now);
    this.#pump();
  }

  #ask(now: number): void {
    this.#asked = now;
    const channel_id = this.#deps.place();
    const { root } = this.record;
    for (const recipient_id of this.#deps.members().slice(0, this.#config.maxSources)) {
      this.#invited.add(recipient_id);
      this.#send(this.#deps.overlay.send(FILE_ASK, { msg_id: this.#id(), recipient_id, channel_id, root }));
    }
  }

  #pump(): void {
    if (this.#over) return;
    const { plan, level } = this.#parts;
    const channel_id = this.#deps.place();
    const { root } = this.record;
    const now = this.#now();
    for (const { source, chunks: most, questions } of this.#sources.ready(now)) {
      for (let i = 0; i < questions; i++) {
        const chunks = level > 0 ? plan.next(most) : plan.next(most, source.runs);
        if (chunks.length === 0) break;
        const msg_id = this.#id();
        this.#questions.set(msg_id, { source, level, chunks: new Set(chunks), at: now });
        source.open++;
        this.#send(this.#deps.overlay.send(FILE_WANT, { msg_id, recipient_id: source.nodeId, channel_id, root, level, chunks }));
      }
    }
  }

  #settle(finishing: Promise<void>): void {
    this.#scope.run(
      finishing.then(() => this.#end()),
      (error) => this.#end(ParleyError.from(error)),
    );
  }

  #end(error?: ParleyError): void {
    if (this.#over) return;
    this.#over = true;
    this.#deps.over(error);
  }

  #send(sent: Promise<boolean>): void {
    this.#scope.run(sent, (error) => this.#deps.ports.log.warn('a question for a file could not be sent', { error: String(error) }));
  }

  #id(): string {
    return randomGuid(this.#deps.ports.random);
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
