import type { Static } from 'typebox';
import * as Type from 'typebox';
import { Person } from './types-people.ts';

export const AttachmentStateView = Type.Enum(['here', 'missing', 'damaged', 'offered', 'fetching', 'waiting', 'failed'], {
  description:
    'here: it can be read; missing: it did not arrive; damaged: what arrived is not what was signed; offered: a file that was not fetched yet; fetching: it is ' +
    'being fetched; waiting: nobody in reach has more of it, or there is no room; failed: it is not what its message says',
});
export const TroubleView = Type.Object({ code: Type.String(), message: Type.String() }, { description: 'what prevents it, or went wrong' });

/** A large file that this node holds, or wants. */
export const FileView = Type.Object(
  {
    root: Type.String({ description: 'its id among those who have it' }),
    sha256: Type.String({ description: 'of the content' }),
    channel_id: Type.String({ description: 'where it was sent' }),
    sender: Person,
    size: Type.Integer(),
    state: AttachmentStateView,
    have: Type.Integer({ description: 'bytes that are on this node' }),
    path: Type.Optional(Type.String({ description: 'path of a file that this user sends, which stays where it is' })),
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
    name: Type.String({ description: 'as its sender says, made safe as the name of a file' }),
    type: Type.String({ description: 'media type, as its sender says' }),
    size: Type.Integer({ description: 'bytes' }),
    sha256: Type.String({ description: 'of the content, hexadecimal' }),
    state: AttachmentStateView,
    have: Type.Optional(Type.Integer({ description: 'bytes on this node of a file that is being fetched' })),
    root: Type.Optional(Type.String({ description: 'id of a large file, by which it can be removed from this node' })),
    error: Type.Optional(TroubleView),
    show: Type.Boolean({ description: 'whether it is of a type that is safe to show or play; anything else should only be saved' }),
  },
  { description: 'what is attached to a message' },
);
export type AttachmentView = Static<typeof AttachmentView>;
