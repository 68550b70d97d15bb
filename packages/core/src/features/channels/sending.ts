import { ParleyError } from '../../util/errors.ts';
import type { StoredMessage } from './history-row.ts';
import type { Attachment } from './message.ts';
import type { InlineContent } from './verbs.ts';

export interface SendOptions {
  /** The `msgId` of the message of the same channel that this one answers. */
  readonly replyTo?: string | undefined;
  /** The id of the message, a GUID: then the same call again changes nothing. Otherwise it is given one. */
  readonly msgId?: string | undefined;
  readonly attachments?: readonly (NewAttachment | NewFile)[] | undefined;
}

/** What goes inside a message. `type` is a media type, and `name` that of a file, without folders. */
export interface NewAttachment {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A file that is fetched by itself: the message only names it. */
export interface NewFile {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  readonly root: string;
  readonly key: Uint8Array;
}

/** What a call of `send` is to say, and where. */
export interface Wanted {
  readonly channelId: string;
  readonly text: string;
  readonly replyTo: string | undefined;
  readonly attachments: readonly Attachment[];
  readonly contents: readonly InlineContent[];
}

/** The message that an id stands for, if it is the one that was meant. */
export function same(message: StoredMessage, { channelId, text, replyTo, attachments }: Wanted): StoredMessage {
  const digests = (of: readonly Attachment[]): string => of.map(({ sha256 }) => sha256).join();
  const alike = message.text === text && message.replyTo === replyTo && digests(message.attachments) === digests(attachments);
  if (message.channelId === channelId && alike) return message;
  throw new ParleyError('conflict', 'another message of this node has this id');
}
