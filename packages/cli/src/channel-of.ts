import type { ApiClient, ChannelView } from '@parley/host';
import { Failure } from './failure.ts';

/** The channel that a person means: as the node decides it, one that it is in before one that it only knows. */
export async function channelOf(node: ApiClient, idOrName: string): Promise<ChannelView> {
  const name = idOrName.replace(/^#/, '');
  const known = await node.channels();
  const exact = known.find(({ id }) => id === idOrName);
  if (exact) return exact;
  const named = known.filter((channel) => channel.name === name);
  const joined = named.filter((channel) => channel.joined);
  const [only, ...others] = joined.length > 0 ? joined : named;
  if (!only) throw new Failure('not-found', `no channel #${name} is known here`);
  if (others.length > 0)
    throw new Failure('conflict', `several channels are called #${name}: use the id`, { ids: named.map(({ id }) => id) });
  return only;
}
