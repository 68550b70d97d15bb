import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_MS = 200;
const MOST_MS = 2000;

/** Waits before the next attempt: soon at first, then every two seconds. */
export async function retryDelay(attempt: number, signal?: AbortSignal): Promise<void> {
  await sleep(Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(attempt, 10)), undefined, signal ? { signal } : {});
}
