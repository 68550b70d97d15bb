import { Turns } from '../../util/turns.ts';
import type { AttachedFiles, NamedFiles } from './named.ts';
import type { FileRecord } from './shelf.ts';

export interface OverDeps {
  readonly attached: AttachedFiles;
  readonly named: NamedFiles;
  readonly get: (root: string) => Promise<FileRecord | undefined>;
  /** Ends a fetch and removes what is here of a file, once what is being begun of it has begun. */
  readonly forget: (root: string) => Promise<void>;
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
      const { attached, named, get, forget } = this.#deps;
      for (const over of await attached.filesOver()) {
        const record = await get(over.root);
        if (record && named.counts(record, over) && !(await named.isAnywhere(record))) await forget(over.root);
        await attached.fileSettled(over);
      }
    });
  }
}
