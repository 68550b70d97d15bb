import { type ApiEvent, type FileService, type OfferedFile, ParleyError } from '@parley/core';
import type { TabEvent } from '../parley.ts';
import type { OpfsFiles } from './opfs.ts';

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Large files of a tab: what a page gives is copied, then read; what is here is given to a page without its bytes passing through memory. */
export class TabFiles {
  readonly #service: FileService;
  readonly #files: OpfsFiles | undefined;
  readonly #publish: (event: TabEvent) => void;
  readonly #offering = new Map<string, AbortController>();

  constructor(service: FileService, files: OpfsFiles | undefined, publish: (event: TabEvent) => void) {
    this.#service = service;
    this.#files = files;
    this.#publish = publish;
  }

  async offer(channel: string, id: string, file: File): Promise<OfferedFile> {
    const files = this.#open();
    if (!GUID.test(id)) throw new ParleyError('bad-argument', 'an offered file has a GUID');
    if (this.#offering.has(id)) throw new ParleyError('conflict', 'this file is being read already');
    const cancelled = new AbortController();
    const { signal } = cancelled;
    this.#offering.set(id, cancelled);
    try {
      const progress = (bytes: number): void => this.#publish({ event: 'reading', path: id, have: Math.floor(bytes / 2), size: file.size });
      await files.copy(id, file, { signal, progress });
      return { ...(await this.#service.offer(channel, id, signal)), name: file.name };
    } catch (error) {
      await files.copies.remove(id);
      throw signal.aborted ? new ParleyError('aborted', 'the file is not to be sent any more') : error;
    } finally {
      this.#offering.delete(id);
    }
  }

  cancel(id: string): void {
    this.#offering.get(id)?.abort();
  }

  async file(channel: string, msgId: string, index: number): Promise<File> {
    const files = this.#open();
    const found = await this.#service.kept(channel, msgId, index);
    const file = found && (found.path === undefined ? await files.kept(found.root) : await files.sent(found.path));
    if (!file) throw new ParleyError('not-found', 'the file is not here');
    return file;
  }

  /** To a page copying and reading are one: the first half and the second. */
  told(event: ApiEvent): ApiEvent {
    if (event.event !== 'reading') return event;
    return { ...event, have: Math.floor((event.size + event.have) / 2) };
  }

  close(): void {
    for (const cancelled of this.#offering.values()) cancelled.abort();
  }

  #open(): OpfsFiles {
    if (!this.#files)
      throw new ParleyError('unsupported', 'this browser gives pages no place for large files: use a newer one, or no private window');
    return this.#files;
  }
}
