import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Person } from './types-people.ts';

export const AttachmentStateView = Type.Enum(['here', 'missing', 'damaged', 'offered', 'fetching', 'waiting', 'failed'], {
  description:
    'it can be read; nothing came of it; what came is not what was signed; it is a file that was not fetched yet; it is being fetched; nobody ' +
    'is in reach who could give more of it, or there is no room; it is not what its message says',
});
export const TroubleView = Type.Object(
  { code: Type.String(), message: Type.String() },
  { description: 'what is in the way, or went wrong' },
);

/** A large file that this node holds, or wants. */
export const FileView = Type.Object(
  {
    root: Type.String({ description: 'by which it is known to those who have it' }),
    sha256: Type.String({ description: 'of the content' }),
    channel_id: Type.String({ description: 'where it was sent' }),
    sender: Person,
    size: Type.Integer(),
    state: AttachmentStateView,
    have: Type.Integer({ description: 'bytes that are here' }),
    path: Type.Optional(Type.String({ description: 'of a file of this user, which stays where it is' })),
    error: Type.Optional(TroubleView),
  },
  { description: 'a file that is too large for a message' },
);
export type FileView = Static<typeof FileView>;
export const FileList = Type.Object({ files: Type.Array(FileView) });
export type FileList = Static<typeof FileList>;

export const AttachmentView = Type.Object(
  {
    index: Type.Integer({ description: 'its place in the message, from 0' }),
    name: Type.String({ description: 'by the word of its sender, made safe as the name of a file' }),
    type: Type.String({ description: 'media type, by the word of its sender' }),
    size: Type.Integer({ description: 'bytes' }),
    sha256: Type.String({ description: 'of the content, hexadecimal' }),
    state: AttachmentStateView,
    have: Type.Optional(Type.Integer({ description: 'bytes that are here of a file that is being fetched' })),
    root: Type.Optional(Type.String({ description: 'of a large file: by it, what is here of it can be removed' })),
    error: Type.Optional(TroubleView),
    show: Type.Boolean({ description: 'whether its type does nothing but show or sound: all else is only to be saved' }),
  },
  { description: 'what is attached to a message' },
);
export type AttachmentView = Static<typeof AttachmentView>;
