import type { FileRecord } from './shelf.ts';

/** A file whose message is no more: who had named it, and where. */
export interface FileOver {
  readonly root: string;
  readonly channelId: string;
  readonly sender: string;
}

/** What channels know of files that were sent in them. */
export interface AttachedFiles {
  /** Whether a message of a channel names a file; `sender`: one of that node. */
  namesFile(root: string, channelId: string, sender?: string): Promise<boolean>;
  /** Files whose messages went at their deadline, until it is said that they were seen to. */
  filesOver(): Promise<FileOver[]>;
  fileSettled(file: FileOver): Promise<void>;
}

export interface NamedDeps {
  /** This node. */
  readonly self: string;
  readonly attached: AttachedFiles;
  /** Channels of which anything is known. */
  readonly channels: () => readonly { readonly id: string }[];
  /** The conversation in which another goes on, and those that one goes on from, with itself. */
  readonly home: (channelId: string) => string;
  readonly line: (channelId: string) => readonly string[];
}

type Place = Pick<FileOver, 'channelId' | 'sender'>;

/**
 * Whose word counts for a file: that of the channel from which it came, and the user's own. Roots are no secret (relays see them), and somebody who was a
 * member once knows keys as well: whoever names a file elsewhere is not given it, does not learn whether it is here, and neither keeps nor removes it.
 */
export class NamedFiles {
  readonly #deps: NamedDeps;

  constructor(deps: NamedDeps) {
    this.#deps = deps;
  }

  /** Whether a message that counts names a file in a channel, or in one that this goes on from. Errors: those of the store. */
  isIn({ root, channelId }: Pick<FileRecord, 'root' | 'channelId'>, place: string): Promise<boolean> {
    return this.isNamed(root, place, this.#isSame(place, channelId) ? undefined : this.#deps.self);
  }

  /** The same, whether or not it counts; `sender`: a message of that node. */
  async isNamed(root: string, place: string, sender?: string): Promise<boolean> {
    const { attached, line } = this.#deps;
    for (const one of line(place)) if (await attached.namesFile(root, one, sender)) return true;
    return false;
  }

  /** The same for all channels. */
  async isAnywhere(file: Pick<FileRecord, 'root' | 'channelId'>): Promise<boolean> {
    const places = new Set([file.channelId, ...this.#deps.channels().map(({ id }) => id)]);
    for (const place of places) if (await this.isIn(file, place)) return true;
    return false;
  }

  /** Whether what was named in a place counted for a file. */
  counts({ channelId }: Pick<FileRecord, 'channelId'>, { channelId: place, sender }: Place): boolean {
    return sender === this.#deps.self || this.#isSame(place, channelId);
  }

  /** Where a key of one of two was replaced, what was said goes on in another conversation. */
  #isSame(one: string, other: string): boolean {
    return this.#deps.home(one) === this.#deps.home(other);
  }
}
