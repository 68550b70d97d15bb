import type { Message } from '@parley/core';
import { around, befriend } from './friends.ts';
import { Network, type ParticipantConfig } from './network.ts';

/** Each CONNECT that goes over a link: from which host to which, and what it says. */
export interface Heard {
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

export function listen(net: Network): Heard[] {
  const heard: Heard[] = [];
  net.world.network.onFrame(({ kind, bytes, from, to }) => {
    if (kind !== 'message') return undefined;
    const message = JSON.parse(Buffer.from(bytes).toString()) as Message;
    if (message.msg_type === 'CONNECT') heard.push({ from, to, message });
    return undefined;
  });
  return heard;
}

/** Ann and Ben, contacts of each other, behind a server; nobody can dial either. */
export async function behindServer(seed: string, config: ParticipantConfig = {}) {
  const net = new Network({ seed, conditions: { latencyMs: 5 } });
  await around(net, ['ann', 'ben'], config);
  await befriend(net, 'ann', 'ben');
  const linkOf = (host: string, other: string) => net.get(host).node.links.get(net.idOf(other));
  const linked = () => linkOf('ann', 'ben') !== undefined && linkOf('ben', 'ann') !== undefined;
  return { net, heard: listen(net), linkOf, linked };
}

export const talk = async (net: Network, from: string, to: string, count = 3): Promise<void> => {
  for (let i = 0; i < count; i++) await net.send(from, `@${to}`, `${from} ${i}`);
};
export const rejected = (net: Network, host: string, reason: string): number => net.get(host).node.metrics.value('rejections', reason);
export const outcomes = (net: Network, host: string, outcome: string): number => net.get(host).node.metrics.value('connects', outcome);
