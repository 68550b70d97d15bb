import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, ChannelView } from '@parley/host';
import { Failure } from '../failure.ts';

const MOST_MS = 30_000;
const POLL_MS = 50;

/** Asks again and again until there is an answer. */
async function until<T>(what: string, signal: AbortSignal, ask: () => Promise<T | undefined>): Promise<T> {
  for (const begun = performance.now(); performance.now() - begun < MOST_MS; await sleep(POLL_MS, undefined, { signal })) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Failure('timeout', `${what} took longer than ${MOST_MS / 1000} s`);
}

async function joinedChannel(node: ApiClient, name: string): Promise<ChannelView | undefined> {
  return (await node.channels()).find((channel) => channel.joined && channel.name === name);
}

async function join(node: ApiClient, id: string, signal: AbortSignal): Promise<void> {
  const known = await until('hearing of the channel', signal, async () => (await node.channels()).find((channel) => channel.id === id));
  if (!known.joined) await node.join(id);
}

/**
 * Brings two nodes together in a channel: the one that they are in from an earlier run, or a new one, which the first makes. Resolves
 * with whether it is new, once each knows that the other is in it.
 */
export async function meet(
  first: ApiClient,
  second: ApiClient,
  name: string,
  signal: AbortSignal,
): Promise<{ channelId: string; isNew: boolean }> {
  for (const node of [first, second]) {
    await until('connecting to the server', signal, async () => ((await node.status()).links.length > 0 ? true : undefined));
  }
  const [ofFirst, ofSecond] = await Promise.all([joinedChannel(first, name), joinedChannel(second, name)]);
  const known = ofFirst ?? ofSecond;
  const { id } = known ?? (await first.create(name));
  await join(first, id, signal);
  await join(second, id, signal);
  const ids = await Promise.all([first, second].map(async (node) => (await node.status()).node_id));
  for (const node of [first, second]) {
    await until('meeting', signal, async () => {
      const members = (await node.members(id)).map((person) => person.node_id);
      return ids.every((nodeId) => members.includes(nodeId)) ? true : undefined;
    });
  }
  return { channelId: id, isNew: known === undefined };
}
