import { pathGiven } from './paths.ts';
import type { Done } from './run-command.ts';
import { say } from './say.ts';
import { activeChannel, type ChannelState, type ChatState } from './state.ts';

/** Sends a file in the channel on the screen. */
export function sendFile(state: ChatState, argument: string): Done {
  return argument === '' ? undefined : say(state, '', { file: { path: pathGiven(argument) } });
}

/** Saves what is attached to a message of the channel on the screen: by its number in the list that was shown last, else the latest. */
export function saveFile(state: ChatState, argument: string): Done {
  const channel = activeChannel(state);
  if (!channel) return undefined;
  const [, number, rest = ''] = /^(?:(\d{1,6})(?:\s+|$))?([\s\S]*)$/.exec(argument) ?? [];
  const which = number === undefined ? latestIn(channel) : numbered(state, Number(number));
  if (typeof which === 'string') return which;
  const to = rest === '' ? {} : { to: pathGiven(rest) };
  return { state, effects: [{ do: 'save', channelId: channel.view.id, ...which, ...to }] };
}

type Which = { readonly msgId: string; readonly index: number } | string;

/** The numbers are those that the user has seen: what came since has none. */
function numbered({ listed, active }: ChatState, number: number): Which {
  if (listed?.channelId !== active) return 'first /files, which numbers what is attached here';
  const entry = listed?.files[number - 1];
  return entry ? { msgId: entry.msgId, index: entry.attached.index } : `there is no file ${number}: /files numbers them`;
}

function latestIn({ timeline }: ChannelState): Which {
  const item = timeline.findLast((each) => each.kind === 'message' && (each.message.attachments ?? []).length > 0);
  if (item?.kind !== 'message') return 'no file is attached to the messages here; /files looks further back';
  const [only, ...others] = item.message.attachments ?? [];
  return only && others.length === 0
    ? { msgId: item.cursor, index: only.index }
    : 'several files are attached to the last message that has any: /files numbers them';
}
