import { ParleyError } from '../../util/errors.ts';
import type { Channel, ChannelDirectory } from './directory.ts';

/** A name for a new channel. Errors: `bad-argument`. */
export function checkName(name: string): string {
  const clean = name.replace(/^#/, '');
  // With @ it would be taken for a conversation.
  if (/^(?!@)[^#\s\p{C}]{1,64}$/u.test(clean)) return clean;
  throw new ParleyError(
    'bad-argument',
    'a channel name has 1 to 64 characters, without spaces, control characters and #, and does not begin with @',
  );
}

/** See `Channels.find`. */
export function findChannel(directory: ChannelDirectory, idOrName: string): Channel {
  const byId = directory.get(idOrName);
  if (byId) return byId;
  const name = idOrName.replace(/^[#@]/, '');
  const direct = idOrName.startsWith('@');
  const named = directory.all().filter((channel) => channel.name === name && (channel.kind === 'direct') === direct);
  const joined = named.filter((channel) => channel.joined);
  const [only, ...others] = joined.length > 0 ? joined : named;
  if (!only) throw new ParleyError('not-found', `no ${direct ? 'conversation @' : 'channel #'}${name} is known here`);
  if (others.length > 0) {
    throw new ParleyError('conflict', `several channels are called #${name}: use the id`, {
      data: { ids: named.map(({ id }) => id), channels: named.map((channel) => about(directory, channel)) },
    });
  }
  return only;
}

/** What tells channels of one name apart. */
function about(directory: ChannelDirectory, channel: Channel) {
  const { id, name, kind, joined, creator, count = 0 } = channel;
  return { id, name, kind, joined, members: Math.max(count, directory.members(channel).length), ...(creator && { owner: creator }) };
}
