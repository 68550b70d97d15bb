import type { FileConfig } from './config.ts';
import { type Run, tidyRuns } from './plan.ts';

/** A member that may give chunks. */
export interface Source {
  readonly nodeId: string;
  /** What it has of the content, see `tidyRuns`. */
  runs: readonly Run[];
  /** Questions under way. */
  open: number;
  /** Since when it is known, in monotonic milliseconds. */
  readonly since: number;
  /** When a direct link was last sought. */
  sought: number;
  restsUntil: number;
  /** It gave something that is no part of the file. */
  wrong: boolean;
  strikes: number;
}

const STRIKES = 3;
const REST_MS = 60_000;
/** How often a direct link is sought while there is none, and how often one that is used is kept warm. */
const SEEK_MS = 10_000;

/** The members that one fetch may ask, and what each is good for. Pure. */
export class Sources {
  readonly #config: FileConfig;
  readonly #chunks: number;
  readonly #isNeighbour: (nodeId: string) => boolean;
  readonly #all = new Map<string, Source>();

  /** `chunks`: those of the content. */
  constructor(config: FileConfig, chunks: number, isNeighbour: (nodeId: string) => boolean) {
    this.#config = config;
    this.#chunks = chunks;
    this.#isNeighbour = isNeighbour;
  }

  get(nodeId: string): Source | undefined {
    return this.#all.get(nodeId);
  }

  /** Somebody said what it has. */
  heard(nodeId: string, said: readonly Run[], now: number): void {
    const runs = tidyRuns(said, this.#chunks);
    const known = this.#all.get(nodeId);
    if (known) known.runs = runs;
    else if (this.#all.size < this.#config.maxSources)
      this.#all.set(nodeId, {
        nodeId,
        runs,
        open: 0,
        since: now,
        sought: Number.NEGATIVE_INFINITY,
        restsUntil: now,
        wrong: false,
        strikes: 0,
      });
  }

  /** Whom to ask now, neighbours first, with how many chunks in how many questions more. */
  ready(now: number): { readonly source: Source; readonly chunks: number; readonly questions: number }[] {
    const { directChunks, directRequests, relayedChunks, directWaitMs } = this.#config;
    return this.#usable(now)
      .map((source) => {
        const near = this.#isNeighbour(source.nodeId);
        const most = near ? directRequests : now - source.since >= directWaitMs ? 1 : 0;
        return { source, near, chunks: near ? directChunks : relayedChunks, questions: Math.max(0, most - source.open) };
      })
      .filter(({ questions }) => questions > 0)
      .sort((a, b) => Number(b.near) - Number(a.near));
  }

  #usable(now: number): Source[] {
    return [...this.#all.values()].filter(({ wrong, restsUntil, runs }) => !wrong && restsUntil <= now && runs.length > 0);
  }

  /** Whether anybody is there who gives something. */
  any(now: number): boolean {
    return this.#usable(now).length > 0;
  }

  /** It did not answer, or not with what it had promised. */
  strike(source: Source, now: number): void {
    if (++source.strikes < STRIKES) return;
    source.strikes = 0;
    source.restsUntil = now + REST_MS;
  }

  /** To whom a direct link should be sought now. */
  seek(now: number): string[] {
    const due = this.#usable(now).filter(({ sought }) => now - sought >= SEEK_MS);
    for (const source of due) source.sought = now;
    return due.map(({ nodeId }) => nodeId);
  }
}
