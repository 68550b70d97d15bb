import { Turns } from '../../util/turns.ts';

export interface OverDeps {
  /** Channels of which anything is known. */
  readonly channels: () => readonly { readonly id: string }[];
  readonly attached: AttachedFiles;
  /** Ends a fetch and removes what is here of a file, once what is being begun of it has begun. */
  readonly forget: (root: string) => Promise<void>;
}

/** What channels know of files that were sent in them. */
export interface AttachedFiles {
  /** Whether a file was sent in a channel. */
  wasSent(root: string, channelId: string): Promise<boolean>;
  /** Files whose messages went at their deadline, until it is said that they were seen to. */
  filesOver(): Promise<string[]>;
  fileSettled(root: string): Promise<void>;
}

/** Files go with the last message that names them when its time is over, also over a crash between the two. */
export class FilesOver {
  readonly #deps: OverDeps;
  readonly #turns = new Turns();

  constructor(deps: OverDeps) {
    this.#deps = deps;
  }

  /** Errors: those of the store and of the files. What was not seen to stays on disk for the next time. */
  remove(): Promise<void> {
    return this.#turns.take(async () => {
      const { attached, forget } = this.#deps;
      for (const root of await attached.filesOver()) {
        if (!(await this.#isNamed(root))) await forget(root);
        await attached.fileSettled(root);
      }
    });
  }

  async #isNamed(root: string): Promise<boolean> {
    for (const { id } of this.#deps.channels()) if (await this.#deps.attached.wasSent(root, id)) return true;
    return false;
  }
}
