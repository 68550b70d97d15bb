import type { Attachment, StoredMessage } from '../features/channels/index.ts';
import { aboutFile, type FileRecord, type FileStanding, type OfferedFile } from '../features/files/index.ts';
import type { Node } from '../node.ts';
import { ParleyError } from '../util/errors.ts';
import { safeFileName } from '../util/file-names.ts';
import { isGenuine } from '../util/magic.ts';
import { isMediaType, isSafeToShow, UNKNOWN_TYPE } from '../util/media-types.ts';
import type { AttachmentView, FileView } from './file-types.ts';
import type { Views } from './views.ts';

/** What is attached to a message, to be read. Name and type are its sender's word; the name is safe as that of a file. */
export interface AttachmentStream {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** The same, read. */
export interface AttachmentContent {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
  /** Whether the bytes begin as that type does, and it is one to be shown where it stands: the type is its sender's word. */
  readonly genuine: boolean;
}

/** What the local API offers about attachments and large files. */
export interface FileService {
  /**
   * What is attached to a message, by its index. Errors: `not-found`, also while it is not here (with how it stands in `data.state`): what
   * travels inside messages is asked for then; those of `FileSharing.content`.
   */
  open(channel: string, msgId: string, index: number): Promise<AttachmentStream>;
  /** Begins to fetch what is attached; the event `attachment` tells the rest. Errors: those of `FileSharing.fetch`. */
  fetch(channel: string, msgId: string, index: number): Promise<void>;
  /** Reads a file of this machine, so that a message can name it. Errors: `not-member`, and those of `FileSharing.offer`. */
  offer(channel: string, path: string, signal?: AbortSignal): Promise<OfferedFile>;
  /** Where the port for files has what is attached; undefined where that is inside its message. Errors: `not-found`, also while it is not here. */
  kept(
    channel: string,
    msgId: string,
    index: number,
  ): Promise<{ readonly name: string; readonly root: string; readonly path?: string } | undefined>;
  list(): FileView[];
  /** Ends fetching it, and removes what is here; a file of this user stays, and is not given to others any more. Errors: `not-found`. */
  remove(root: string): Promise<void>;
}

type Standing = Pick<AttachmentView, 'state' | 'have' | 'error'>;

function standingView({ state, bytes, error }: FileStanding): Standing {
  return { state: state === 'source' ? 'here' : state, have: bytes, ...(error ? { error: { ...error } } : {}) };
}

/** How a file stands, for events and lists. */
export const fileProgress = ({ channelId, sha256, size }: FileRecord, standing: FileStanding) => ({
  channel_id: channelId,
  sha256,
  size,
  ...standingView(standing),
});

/** What is attached to a message, as its reader is told. */
export async function attachmentViews(node: Node, message: StoredMessage): Promise<AttachmentView[]> {
  const states = await node.channels.attached.states(message);
  return message.attachments.map((attachment, index) => {
    const { name, type, size, sha256 } = attachment;
    const state = states[index] ?? 'missing';
    const file = aboutFile(attachment);
    // Whoever shows it is told a type, or nothing.
    const known = isMediaType(type) ? type : UNKNOWN_TYPE;
    return {
      index,
      name: safeFileName(name),
      type: known,
      size,
      sha256,
      ...(file
        ? { ...standingView(node.files.standing(file)), root: file.root }
        : { state: state === 'file' ? ('failed' as const) : state }),
      show: isSafeToShow(known),
    };
  });
}

/** `named`: what a user calls a conversation, as the channels know it. */
export function fileService(node: Node, views: Views, named: (channel: string) => string): FileService {
  interface Found {
    readonly message: StoredMessage;
    readonly attachment: Attachment;
    readonly view: AttachmentView;
  }
  const find = async (channel: string, msgId: string, index: number): Promise<Found> => {
    const message = await node.channels.archive.message(named(channel), msgId, true);
    const attachment = message?.attachments[index];
    const view = message && (await attachmentViews(node, message))[index];
    if (message && attachment && view) return { message, attachment, view };
    throw new ParleyError('not-found', 'nothing of the kind is attached to a message that is kept here');
  };
  return {
    async open(channel, msgId, index) {
      const { message, attachment, view } = await find(channel, msgId, index);
      const { name, type, size, state } = view;
      const file = aboutFile(attachment);
      if (state !== 'here') {
        node.channels.attached.fetch(message, attachment);
        const words = file ? 'the file was not fetched yet' : 'the attachment is not here yet: it is asked for';
        throw new ParleyError('not-found', words, { data: { state } });
      }
      if (file) return { name, type, size, pieces: node.files.content(file) };
      const bytes = await node.channels.attached.content(message, attachment);
      if (!bytes) throw new ParleyError('not-found', 'the attachment is not here any more');
      return { name, type, size, pieces: once(bytes) };
    },
    async fetch(channel, msgId, index) {
      const { message, attachment, view } = await find(channel, msgId, index);
      const file = aboutFile(attachment);
      if (file) await node.files.fetch(file, message.channelId, message.sender);
      else if (view.state !== 'here') node.channels.attached.fetch(message, attachment);
    },
    async kept(channel, msgId, index) {
      const { attachment, view } = await find(channel, msgId, index);
      const file = aboutFile(attachment);
      if (!file) return undefined;
      const { root, path } = node.files.kept(file);
      return { name: view.name, root, ...(path === undefined ? {} : { path }) };
    },
    async offer(channel, path, signal) {
      const { id, name, joined } = node.channels.find(named(channel));
      if (!joined) throw new ParleyError('not-member', `join #${name} before sending to it`);
      return node.files.offer(path, id, signal);
    },
    list: () =>
      node.files.list().map(({ record, standing }) => ({
        root: record.root,
        sender: views.person(record.sender),
        ...fileProgress(record, standing),
        have: standing.bytes,
        ...(record.path === undefined ? {} : { path: record.path }),
      })),
    remove: (root) => node.files.remove(root),
  };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** All of it at once: for what is small. */
export async function readStream({ name, type, size, pieces }: AttachmentStream): Promise<AttachmentContent> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { name, type, bytes, genuine: isGenuine(type, bytes) };
}
