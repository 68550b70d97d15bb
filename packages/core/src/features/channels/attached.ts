import type { AttachmentState, Attachments, FileOver } from './attachments.ts';
import type { CatchUp } from './catch-up.ts';
import type { StoredMessage } from './history-row.ts';
import type { Attachment } from './message.ts';

export interface AttachedDeps {
  readonly attachments: Attachments;
  readonly catchUp: CatchUp;
  /** Other members of a channel that are in reach. */
  readonly present: (channelId: string) => readonly string[];
}

/** Members that are asked for one attachment. */
const MAX_ASKED = 4;

/** What is attached to messages that are kept here. Errors: those of the store. */
export class Attached {
  readonly #deps: AttachedDeps;

  constructor(deps: AttachedDeps) {
    this.#deps = deps;
  }

  /** How each stands, in the order of `attachments`. */
  states(message: StoredMessage): Promise<AttachmentState[]> {
    return Promise.all(message.attachments.map((attachment) => this.#deps.attachments.stateOf(message, attachment)));
  }

  /** Asks those who may have it for what is attached inside a message and is not here. */
  fetch({ channelId, sender }: StoredMessage, { sha256, root }: Attachment): void {
    if (root !== undefined) return;
    const members = [...this.#deps.present(channelId)].sort((a, b) => Number(b === sender) - Number(a === sender));
    for (const nodeId of members.slice(0, MAX_ASKED)) this.#deps.catchUp.fetch(channelId, nodeId, sha256);
  }

  /** The bytes of what is attached inside a message, where they are here. */
  async content(message: StoredMessage, attachment: Attachment): Promise<Uint8Array | undefined> {
    const { attachments } = this.#deps;
    return (await attachments.stateOf(message, attachment)) === 'here' ? attachments.content(attachment.sha256) : undefined;
  }

  /** See `Attachments.filesOver`. */
  filesOver(): Promise<FileOver[]> {
    return this.#deps.attachments.filesOver();
  }

  /** See `Attachments.fileSettled`. */
  fileSettled(file: FileOver): Promise<void> {
    return this.#deps.attachments.fileSettled(file);
  }

  /** See `Attachments.namesFile`. */
  namesFile(root: string, channelId: string, sender?: string): Promise<boolean> {
    return this.#deps.attachments.namesFile(root, channelId, sender);
  }
}
