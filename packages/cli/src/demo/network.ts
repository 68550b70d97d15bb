import { isAbsolute, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiClient } from '@parley/host/client';
import { Failure, failureOf } from '../failure.ts';
import type { Io } from '../io.ts';
import { type NodeProcess, startNode } from './child.ts';

export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

/** A path as a person in the folder of the repository would type it. */
export function typed(path: string): string {
  const inside = relative(ROOT, path);
  return inside.startsWith('..') || isAbsolute(inside) ? path : inside;
}

/** Whether a node runs on a data directory. */
export async function isUp(directory: string): Promise<boolean> {
  try {
    await new ApiClient(directory).status();
    return true;
  } catch (error) {
    if (failureOf(error)) return false;
    throw error;
  }
}

export function say(io: Io, text: string): void {
  io.stdout.write(`${text}\n`);
}

/** What runs, in the order in which it was started. */
export class Network {
  readonly #running: NodeProcess[] = [];

  async start(name: string, args: readonly string[], log: string, signal: AbortSignal): Promise<NodeProcess> {
    const node = await startNode(name, args, log, signal);
    this.#running.push(node);
    return node;
  }

  /** Rejects when one of them ends by itself. */
  async watch(signal: AbortSignal): Promise<void> {
    await Promise.race(
      this.#running.map(async ({ name, ended }) => {
        await ended;
        if (!signal.aborted) throw new Failure('failed', `${name} ended unexpectedly; see its log`);
      }),
    );
  }

  async stop(): Promise<void> {
    // The server last: goodbyes go through it.
    for (const node of this.#running.splice(0).reverse()) await node.stop();
  }
}

/** Waits until it is told to end; rejects when a node ends by itself. */
export async function untilTold(network: Network, signal: AbortSignal): Promise<void> {
  const told = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  // A promise keeps no process alive.
  const alive = setInterval(() => {}, 60_000);
  try {
    if (!signal.aborted) await Promise.race([told, network.watch(signal)]);
  } finally {
    clearInterval(alive);
  }
}
