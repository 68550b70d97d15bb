import type { Crypto } from '../../ports/crypto.ts';
import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { hex } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { safeFileName } from '../../util/file-names.ts';
import { isMediaType } from '../../util/media-types.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Attachment, ChannelMessage } from './message.ts';
import type { NewAttachment, NewFile } from './sending.ts';
import { type InlineContent, MAX_ATTACHMENTS, MAX_INLINE_BYTES } from './verbs.ts';

const CONTENTS = 'attachments';
/**
 * What is attached to which message. `DIGEST/CHANNEL/SENDER/SEQ`: its content came with it, or was given in that channel. Whoever names a digest without
 * its content has `lacks/DIGEST/CHANNEL/SIZE/SENDER/SEQ`, which gives nobody anything, and keeps nothing. Larger files: `file/ROOT/CHANNEL/SENDER/SEQ`.
 */
const USES = 'attachment_uses';
/** Files whose messages went at their deadline, until they were seen to: `ROOT/CHANNEL/SENDER`. */
const OVER = 'files_over';

export const attachmentTables: readonly TableSpec[] = [
  { name: OVER, small: true },
  { name: USES, small: true, backup: {} },
  { name: CONTENTS, backup: {} },
];

/** `damaged`: what came was not what was signed. `missing`: nothing came. `file`: it is no part of the message, and fetched by itself. */
export type AttachmentState = 'here' | 'missing' | 'damaged' | 'file';

/** What keeps the attachments of a message that is about to be kept. */
export interface Taken {
  /** Room that they take, or will when they are here. */
  readonly bytes: number;
  readonly writes: StoreWrite[];
  /** Once the writes were kept, or could not be. */
  readonly settled: () => void;
}

/** The place of a message: it is in one channel, and its sender counts. */
type Place = Pick<ChannelMessage, 'channelId' | 'sender' | 'seq'>;

type Named = Pick<Attachment, 'root' | 'sha256' | 'size'>;

/** A file whose message is no more: who had named it, and where. */
export interface FileOver {
  readonly root: string;
  readonly channelId: string;
  readonly sender: string;
}

export const NOTHING_TAKEN: Taken = { bytes: 0, writes: [], settled: () => {} };

/** Attachments that travel inside their message. */
export const inline = (attachments: readonly Attachment[]): Attachment[] => attachments.filter(({ root }) => root === undefined);

const authorOf = ({ sender, seq }: Place): string => `${sender}/${String(seq).padStart(16, '0')}`;
const hereKey = (sha256: string, place: Place): string => `${sha256}/${place.channelId}/${authorOf(place)}`;
const fileKey = (root: string, place: Place): string => `file/${root}/${place.channelId}/${authorOf(place)}`;
const lacksKey = ({ sha256, size }: Named, place: Place): string => `lacks/${sha256}/${place.channelId}/${size}/${authorOf(place)}`;
const under = (prefix: string) => ({ gte: `${prefix}/`, lt: `${prefix}0` });

/** Files that are seen to at a time: more than messages that go together have attached. */
const MAX_OVER = 1000;
/** Uses of one content in one channel that are looked at. */
const MAX_USES = 1000;
/** The same where one is looked for that somebody may see. */
const MAX_GIVEN = 20;

/** What is attached to messages, by its digest: the same content is kept once, however many messages have it. */
export class Attachments {
  readonly #store: Store;
  readonly #crypto: Crypto;
  readonly #metrics: Metrics;
  readonly #completed: (channelId: string, sha256: string) => void;
  /** Digests whose writes are under way. */
  readonly #pending = new Map<string, number>();
  /** Of deletions that are being prepared: what was taken meanwhile. */
  readonly #watching = new Set<Set<string>>();

  constructor(deps: {
    readonly store: Store;
    readonly crypto: Crypto;
    readonly metrics: Metrics;
    /** What messages lacked has come. */
    readonly completed: (channelId: string, sha256: string) => void;
  }) {
    this.#store = deps.store;
    this.#crypto = deps.crypto;
    this.#metrics = deps.metrics;
    this.#completed = deps.completed;
  }

  /** Judges what came with a message, or did not, against what its sender signed. What does not fit is counted; the message stands. */
  take(message: ChannelMessage, given: readonly InlineContent[] | undefined): Taken {
    if (message.attachments.length === 0) {
      if (given !== undefined && given.length > 0) this.#metrics.reject('attachment-unsigned');
      return NOTHING_TAKEN;
    }
    const contents = new Map<string, Uint8Array>();
    const uses = new Map<string, AttachmentState>();
    let bytes = 0;
    let index = 0;
    for (const attachment of message.attachments) {
      const { root, sha256, size } = attachment;
      if (root !== undefined) {
        uses.set(fileKey(root, message), 'file');
        continue;
      }
      const content = given?.[index++];
      // What nobody may send inside a message does not get room either, now or later.
      const fits = bytes + size <= MAX_INLINE_BYTES;
      if (fits) bytes += size;
      const read = fits ? this.#judge(attachment, content) : 'attachment-size';
      if (typeof read === 'string') this.#metrics.reject(read);
      if (read instanceof Uint8Array) {
        contents.set(sha256, read);
        uses.set(hereKey(sha256, message), 'here');
      } else if (fits) uses.set(lacksKey(attachment, message), read === undefined ? 'missing' : 'damaged');
    }
    if ((given?.length ?? 0) > index) this.#metrics.reject('attachment-unsigned');
    const writes: StoreWrite[] = [
      ...[...contents].map(([key, value]): StoreWrite => ({ op: 'put', table: CONTENTS, key, value })),
      ...[...uses].map(([key, value]): StoreWrite => ({ op: 'put', table: USES, key, value })),
    ];
    return { bytes, writes, settled: this.#begin([...contents.keys()]) };
  }

  /** The bytes, what is wrong with them, or undefined where there are none. */
  #judge({ sha256, type, size }: Attachment, content: InlineContent | undefined): Uint8Array | string | undefined {
    if (!content) return undefined;
    if (content.attachment_type !== type) return 'attachment-type';
    const bytes = fromBase64(content.attachment);
    if (bytes?.length !== size) return 'attachment-size';
    return hex(this.#crypto.sha256(bytes)) === sha256 ? bytes : 'attachment-digest';
  }

  /** Signed and carried forms of what is to be attached. Errors: `too-large`, `bad-argument`. */
  prepare(given: readonly (NewAttachment | NewFile)[]): { attachments: Attachment[]; contents: InlineContent[] } {
    if (given.length > MAX_ATTACHMENTS) throw new ParleyError('too-large', `a message has at most ${MAX_ATTACHMENTS} attachments`);
    const inside = given.filter((one): one is NewAttachment => 'bytes' in one);
    if (inside.reduce((sum, { bytes }) => sum + bytes.length, 0) > MAX_INLINE_BYTES)
      throw new ParleyError('too-large', `attachments inside a message have at most ${MAX_INLINE_BYTES / 1024} KiB together`);
    for (const { type } of given) if (!isMediaType(type)) throw new ParleyError('bad-argument', `not a media type: ${type.slice(0, 127)}`);
    return {
      attachments: given.map((one) => {
        const about = { type: one.type, name: safeFileName(one.name) };
        if ('bytes' in one) return { sha256: hex(this.#crypto.sha256(one.bytes)), ...about, size: one.bytes.length };
        return { sha256: one.sha256, ...about, size: one.size, root: one.root, key: base64(one.key) };
      }),
      contents: inside.map(({ type, bytes }) => ({ attachment: base64(bytes), attachment_type: type })),
    };
  }

  /** How an attachment of a message that is kept here stands. */
  async stateOf(message: Place, attachment: Named): Promise<AttachmentState> {
    const { root, sha256 } = attachment;
    if (root !== undefined) return 'file';
    const get = (key: string) => this.#store.get(USES, key);
    const state = (await get(hereKey(sha256, message))) ?? (await get(lacksKey(attachment, message)));
    return (state as AttachmentState | undefined) ?? 'missing';
  }

  /** The content with a digest, where it is here. */
  async content(sha256: string): Promise<Uint8Array | undefined> {
    const value = await this.#store.get(CONTENTS, sha256);
    return typeof value === 'string' ? undefined : value;
  }

  /** What is inside a message of this node, as it travels. */
  async carried(attachments: readonly Attachment[]): Promise<InlineContent[]> {
    const carried: InlineContent[] = [];
    for (const { sha256, type } of inline(attachments))
      carried.push({ attachment: base64((await this.content(sha256)) ?? new Uint8Array(0)), attachment_type: type });
    return carried;
  }

  /** Some messages of a channel with which content came, or for which it was given: whoever merely names its digest has sent nothing. */
  async givenWith(sha256: string, channelId: string): Promise<Pick<Place, 'sender' | 'seq'>[]> {
    const uses = await this.#store.range(USES, { ...under(`${sha256}/${channelId}`), limit: MAX_GIVEN });
    return uses.map(({ key }) => {
      const [, , sender = '', seq = ''] = key.split('/');
      return { sender, seq: Number(seq) };
    });
  }

  /** Whether a message of a channel names a file, by its root; `sender`: one of that node. */
  async namesFile(root: string, channelId: string, sender?: string): Promise<boolean> {
    const prefix = `file/${root}/${channelId}${sender === undefined ? '' : `/${sender}`}`;
    return (await this.#store.range(USES, { ...under(prefix), limit: 1 })).length > 0;
  }

  /**
   * Content that somebody gave afterwards: its digest. Kept where a message of the channel lacks it, and has said how large it is. Errors: those of the
   * store.
   */
  async complete(channelId: string, bytes: Uint8Array): Promise<string> {
    const digest = hex(this.#crypto.sha256(bytes));
    const lacks = `lacks/${digest}/${channelId}/${bytes.length}`;
    const lacking = await this.#store.range(USES, { ...under(lacks), limit: MAX_USES });
    if (lacking.length === 0) return digest;
    const settled = this.#begin([digest]);
    try {
      await this.#store.commit([
        { op: 'put', table: CONTENTS, key: digest, value: bytes },
        ...lacking.flatMap(({ key }): StoreWrite[] => [
          { op: 'delete', table: USES, key },
          { op: 'put', table: USES, key: `${digest}/${channelId}${key.slice(lacks.length)}`, value: 'here' },
        ]),
      ]);
    } finally {
      settled();
    }
    this.#completed(channelId, digest);
    return digest;
  }

  /**
   * What deletes the attachments of messages. Made when the function that is returned is called, which must be in the same turn as the commit:
   * content that another message brings meanwhile stays.
   */
  async deletions(messages: readonly (Place & { readonly attachments: readonly Attachment[] })[]): Promise<() => StoreWrite[]> {
    const taken = new Set<string>();
    this.#watching.add(taken);
    const uses = new Set(messages.flatMap((message) => message.attachments.flatMap((attachment) => usesOf(attachment, message))));
    const unused: string[] = [];
    try {
      for (const digest of new Set(messages.flatMap(({ attachments }) => inline(attachments).map(({ sha256 }) => sha256)))) {
        const own = [...uses].filter((key) => key.startsWith(`${digest}/`)).length;
        const rows = await this.#store.range(USES, { ...under(digest), limit: own + 1 });
        if (rows.every(({ key }) => uses.has(key))) unused.push(digest);
      }
    } catch (error) {
      this.#watching.delete(taken);
      throw error;
    }
    return () => {
      this.#watching.delete(taken);
      return [
        ...[...uses].map((key): StoreWrite => ({ op: 'delete', table: USES, key })),
        ...unused.filter((digest) => !taken.has(digest) && !this.#pending.has(digest)).map(deletion),
      ];
    };
  }

  /** What keeps, with the deletion of messages, which files they named: so that these go as well, whatever happens meanwhile. */
  over(messages: readonly (Place & { readonly attachments: readonly Attachment[] })[]): StoreWrite[] {
    const named = messages.flatMap(({ channelId, sender, attachments }) =>
      attachments.flatMap(({ root }) => (root === undefined ? [] : overKey({ root, channelId, sender }))),
    );
    return [...new Set(named)].map((key) => ({ op: 'put', table: OVER, key, value: '' }));
  }

  /** Files whose messages are gone, and that nobody has seen to yet. */
  async filesOver(): Promise<FileOver[]> {
    return (await this.#store.range(OVER, { limit: MAX_OVER })).map(({ key }) => {
      const [root = '', channelId = '', sender = ''] = key.split('/');
      return { root, channelId, sender };
    });
  }

  /** Such a file is gone too, or is kept because of another message. */
  fileSettled(file: FileOver): Promise<void> {
    return this.#store.commit([{ op: 'delete', table: OVER, key: overKey(file) }]);
  }

  #begin(digests: readonly string[]): () => void {
    for (const digest of digests) this.#pending.set(digest, (this.#pending.get(digest) ?? 0) + 1);
    this.#note(digests);
    return () => {
      for (const digest of digests) {
        const left = (this.#pending.get(digest) ?? 1) - 1;
        if (left === 0) this.#pending.delete(digest);
        else this.#pending.set(digest, left);
      }
      this.#note(digests);
    };
  }

  #note(digests: readonly string[]): void {
    for (const taken of this.#watching) for (const digest of digests) taken.add(digest);
  }
}

const overKey = ({ root, channelId, sender }: FileOver): string => `${root}/${channelId}/${sender}`;

/** Under which keys an attachment of a message may be. */
function usesOf(attachment: Named, place: Place): string[] {
  const { root, sha256 } = attachment;
  return root === undefined ? [hereKey(sha256, place), lacksKey(attachment, place)] : [fileKey(root, place)];
}

const deletion = (key: string): StoreWrite => ({ op: 'delete', table: CONTENTS, key });
