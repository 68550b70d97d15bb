import type { MessageView } from '@parley/host';
import { activeChannel, type ChatState } from './state.ts';

/** The message that a command is about, and what else it was given. */
export interface Meant {
  readonly message: MessageView;
  readonly rest: string;
}

/**
 * Which message of the channel on the screen a command is about: with `^3` before the rest the third last, as they stand there, else the latest one that is
 * `wanted` and still says something. Undefined where there is none such; words say why the one that was named is not taken.
 */
export function meant(state: ChatState, argument: string, wanted: (message: MessageView) => boolean): Meant | string | undefined {
  const messages = (activeChannel(state)?.timeline ?? []).flatMap((item) => (item.kind === 'message' ? [item.message] : []));
  const [named, count, rest = ''] = /^\^(\d{1,6})(?:\s+([\s\S]*))?$/.exec(argument) ?? [];
  if (named === undefined) {
    const message = messages.findLast((each) => !each.deleted && wanted(each));
    return message && { message, rest: argument };
  }
  if (messages.length === 0) return 'there is no message here yet';
  const message = Number(count) > 0 ? messages.at(-Number(count)) : undefined;
  if (!message) return `there is no message ^${count} here: ^1 is the last one, ^${messages.length} the first; PageUp loads older ones`;
  return message.deleted ? 'that message is deleted' : { message, rest };
}
