import { freePath, noFileAt } from '../attached.ts';
import { failureOf } from '../failure.ts';
import type { Attached } from '../format/attachments.ts';
import { pathGiven } from './paths.ts';
import type { Done } from './run-command.ts';
import { say } from './say.ts';
import { activeChannel, type ChannelState, type ChatState } from './state.ts';

/** Sends a file in the channel on the screen. */
export function sendFile(state: ChatState, argument: string): Done {
  if (argument === '') return undefined;
  const path = pathGiven(argument);
  // The node would say so too, but then the path would have to be written again.
  return noFileAt(path) ?? say(state, '', { file: { path } });
}

/** Saves what is attached to a message of the channel on the screen: by its number in the list that was shown last, else the latest. */
export function saveFile(state: ChatState, argument: string): Done {
  const channel = activeChannel(state);
  if (!channel) return undefined;
  const [, number, rest = ''] = /^(?:(-?\d+)(?:\s+|$))?([\s\S]*)$/.exec(argument) ?? [];
  const which = number === undefined ? latestIn(channel) : numbered(state, Number(number));
  if (typeof which === 'string') return which;
  const { msgId, attached } = which;
  const to = rest === '' ? undefined : pathGiven(rest);
  const where = whyNotTo(to, attached);
  if (where !== undefined) return where;
  const id = state.nextLocalId;
  const about = { id, channelId: channel.view.id, msgId, index: attached.index };
  return {
    state: { ...state, nextLocalId: id + 1, saving: new Set([...state.saving, id]) },
    effects: [{ do: 'save', ...about, ...(to === undefined ? {} : { to }) }],
  };
}

/** Gives up all that is being fetched or saved. */
export function cancelSaving(state: ChatState): Done {
  if (state.saving.size === 0) return 'nothing is being saved';
  return { state, effects: [{ do: 'cancel', ids: [...state.saving] }] };
}

/** Why a file cannot be saved there, before anything is fetched. */
function whyNotTo(to: string | undefined, { name }: Attached): string | undefined {
  try {
    freePath(to, name);
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return failure.message;
  }
}

type Which = { readonly msgId: string; readonly attached: Attached } | string;

/** The numbers are those that the user has seen: what came since has none. */
function numbered({ listed, active }: ChatState, number: number): Which {
  if (listed?.channelId !== active) return 'first /files, which numbers what is attached here';
  return listed?.files[number - 1] ?? `there is no file ${number}: /files numbers them`;
}

function latestIn({ timeline }: ChannelState): Which {
  const item = timeline.findLast((each) => each.kind === 'message' && (each.message.attachments ?? []).length > 0);
  if (item?.kind !== 'message') return 'no file is attached to the messages here; /files looks further back';
  const [only, ...others] = item.message.attachments ?? [];
  return only && others.length === 0
    ? { msgId: item.cursor, attached: only }
    : 'several files are attached to the last message that has any: /files numbers them';
}
