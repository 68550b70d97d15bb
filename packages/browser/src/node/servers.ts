import {
  backoffMs,
  type Clock,
  type Link,
  type Links,
  type Log,
  linkDefaults,
  ParleyError,
  type Random,
  Scope,
  type Timer,
} from '@parley/core';
import type { ServerView } from '../parley.ts';

/** A page keeps links to so many servers when it knows as many, so that it can lose one. */
const WANTED_LINKS = 2;
/** A link that lasted this long was a good one: the next attempt comes soon. */
const GOOD_MS = 30_000;

interface Server {
  readonly url: string;
  state: 'connected' | 'connecting' | 'waiting' | 'idle';
  link: Link | undefined;
  /** Who answered there last. */
  nodeId: string | undefined;
  error: string | undefined;
  unproved: boolean;
  failures: number;
  /** Not before; by the monotonic clock. */
  notBefore: number;
  attempt: AbortController | undefined;
}

export interface ServerDeps {
  readonly links: Links;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** `views()` would answer otherwise than before. */
  readonly changed: () => void;
}

function known(url: string): Server {
  return {
    url,
    state: 'idle',
    link: undefined,
    nodeId: undefined,
    error: undefined,
    unproved: false,
    failures: 0,
    notBefore: 0,
    attempt: undefined,
  };
}

/**
 * Keeps links to two of the servers that are known, the first of the list before others. When one fails, the next one that may be tried is
 * tried at once; one that failed is tried again after a while that grows.
 */
export class Servers {
  readonly #deps: ServerDeps;
  readonly #scope: Scope;
  #servers: readonly Server[] = [];
  #timer: Timer | undefined;

  constructor(deps: ServerDeps) {
    this.#deps = deps;
    this.#scope = new Scope(deps.clock);
    this.#scope.add(deps.links.events.on('down', ({ link, reason, replaced }) => this.#down(link, reason, replaced)));
  }

  views(): ServerView[] {
    return this.#servers.map(({ url, state, nodeId, link, error, unproved }) => ({
      url,
      state,
      ...(nodeId === undefined ? {} : { nodeId }),
      ...(link === undefined ? {} : { latencyMs: Math.round(link.latencyMs * 10) / 10 }),
      ...(error === undefined ? {} : { error }),
      ...(unproved ? { unproved } : {}),
    }));
  }

  /** The servers that are known from now on. Links to others end. */
  set(urls: readonly string[]): void {
    const before = new Map(this.#servers.map((server) => [server.url, server]));
    this.#servers = urls.map((url) => before.get(url) ?? known(url));
    for (const server of before.values()) if (!urls.includes(server.url)) this.#release(server);
    this.#balance();
  }

  /** The network may be back, or somebody looks: nothing waits any longer. */
  wake(): void {
    for (const server of this.#servers) {
      server.notBefore = 0;
      server.failures = 0;
    }
    this.#balance();
  }

  async close(): Promise<void> {
    await this.#scope.close();
    for (const server of this.#servers) server.attempt?.abort();
  }

  #release({ link, attempt }: Server): void {
    attempt?.abort(new ParleyError('aborted', 'the server is not wanted any more'));
    if (link) this.#deps.links.close(link, 'not wanted any more');
  }

  #balance(): void {
    if (this.#scope.closed) return;
    const now = this.#deps.clock.monotonic();
    let missing = WANTED_LINKS - this.#servers.filter(({ state }) => state === 'connected' || state === 'connecting').length;
    for (const server of this.#servers) {
      if (missing <= 0) break;
      if (!this.#mayTry(server) || server.notBefore > now) continue;
      missing--;
      this.#scope.run(this.#attempt(server), (error) => this.#deps.log.error('a server could not be tried', { error: String(error) }));
    }
    this.#schedule(missing > 0, now);
    this.#deps.changed();
  }

  #mayTry({ state, nodeId }: Server): boolean {
    if (state === 'connected' || state === 'connecting') return false;
    // Another address of a server to which there is a link.
    return nodeId === undefined || !this.#servers.some((other) => other.state === 'connected' && other.nodeId === nodeId);
  }

  #schedule(needed: boolean, now: number): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const times = this.#servers.filter((server) => this.#mayTry(server)).map(({ notBefore }) => notBefore);
    if (needed && times.length > 0) this.#timer = this.#scope.after(Math.max(0, Math.min(...times) - now), () => this.#balance());
  }

  async #attempt(server: Server): Promise<void> {
    const { links, log } = this.#deps;
    const attempt = new AbortController();
    server.attempt = attempt;
    server.state = 'connecting';
    this.#deps.changed();
    try {
      const link = await links.dial('ws', server.url, attempt.signal);
      if (link.closing) throw new ParleyError('closed', 'the link ended as soon as it was there');
      server.state = 'connected';
      server.link = link;
      server.nodeId = link.peer.nodeId;
      server.error = undefined;
      server.unproved = false;
    } catch (thrown) {
      const error = ParleyError.from(thrown);
      if (attempt.signal.aborted) server.state = 'idle';
      else if (error.code === 'already-open') {
        server.nodeId = error.data.nodeId as string;
        server.state = 'idle';
      } else {
        log.info('could not connect', { url: server.url, code: error.code, error: error.message });
        this.#failed(server, error.message);
        // Silence says nothing of who would have answered.
        if (error.data.unproved === true) server.unproved = true;
      }
    } finally {
      server.attempt = undefined;
    }
    this.#balance();
  }

  #failed(server: Server, error: string): void {
    server.state = 'waiting';
    server.link = undefined;
    server.error = error;
    server.failures++;
    server.notBefore = this.#deps.clock.monotonic() + backoffMs(server.failures, linkDefaults, this.#deps.random.number());
  }

  #down(link: Link, reason: string, replaced: boolean): void {
    const server = this.#servers.find((candidate) => candidate.link === link);
    if (!server) return;
    if (replaced) {
      // Another address leads to the same node, and that link is the one that stands.
      server.state = 'idle';
      server.link = undefined;
    } else {
      if (this.#deps.clock.monotonic() - link.openedAt >= GOOD_MS) server.failures = 0;
      this.#failed(server, reason);
    }
    this.#balance();
  }
}
