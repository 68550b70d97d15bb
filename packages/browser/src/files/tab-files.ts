import { type ApiEvent, type Clock, errorCode, type FileService, type Log, type OfferedFile, ParleyError, Turns } from '@parley/core';
import type { TabEvent } from '../parley.ts';
import { type DraftFile, Drafts, type DraftView } from './drafts.ts';
import type { OpfsFiles } from './opfs.ts';

export { Drafts };

export interface TabFilesDeps {
  readonly service: FileService;
  readonly files: OpfsFiles | undefined;
  readonly drafts: Drafts;
  readonly publish: (event: TabEvent) => void;
  readonly clock: Clock;
  readonly log: Log;
  readonly channels: {
    /** By id or name. Errors: `not-found`, `conflict`. */
    find(channel: string): { readonly id: string };
    isJoined(channel: string): boolean;
    readonly attached: { namesFile(root: string, channelId: string): Promise<boolean> };
  };
}

interface Offering {
  readonly cancelled: AbortController;
  readonly offered: Promise<OfferedFile>;
}

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const UNKNOWN_TYPE = 'application/octet-stream';

/**
 * Files of a tab: what a page gives is copied, then read; what is here is given to a page without its bytes passing through memory. What was
 * chosen for a message waits for it, whatever becomes of the page.
 */
export class TabFiles {
  readonly #deps: TabFilesDeps;
  readonly #offering = new Map<string, Offering>();
  /** Drafts are kept and go in the order in which that is asked. */
  readonly #turns = new Turns();
  #closed = false;

  constructor(deps: TabFilesDeps) {
    this.#deps = deps;
  }

  async offer(channel: string, id: string, file: File): Promise<OfferedFile> {
    const files = this.#open();
    if (!GUID.test(id)) throw new ParleyError('bad-argument', 'an offered file has a GUID');
    const { drafts, publish, clock } = this.#deps;
    const channelId = this.#deps.channels.find(channel).id;
    return this.#begin(channelId, id, async (signal) => {
      const { name, size } = file;
      const draft: DraftFile = { id, name, size, type: file.type.split(';', 1)[0] || UNKNOWN_TYPE };
      await drafts.put(channelId, draft, clock.now());
      const progress = (bytes: number): void => publish({ event: 'reading', path: id, have: Math.floor(bytes / 2), size });
      await files.copy(id, file, { signal, progress });
      await drafts.put(channelId, { ...draft, copied: true }, clock.now());
      return draft;
    });
  }

  async drafts(channel: string): Promise<DraftView[]> {
    const { id: channelId } = this.#deps.channels.find(channel);
    const found = await this.#deps.drafts.of(channelId);
    const waiting = await Promise.all(found.map(async (file) => !(await this.#wasSent(channelId, file))));
    return found.filter((_, i) => waiting[i]).map((file) => ({ ...file, reading: this.#offering.has(file.id) }));
  }

  async keepDraft(channel: string, file: DraftFile): Promise<void> {
    if (!GUID.test(file.id)) throw new ParleyError('bad-argument', 'a file that was chosen has a GUID');
    const { drafts, channels, clock } = this.#deps;
    await this.#turns.take(() => drafts.put(channels.find(channel).id, file, clock.now()));
  }

  sent(ids: readonly string[]): Promise<void> {
    return this.#turns.take(async () => {
      for (const id of ids) await this.#deps.drafts.take(id);
    });
  }

  discard(id: string): Promise<void> {
    return this.#turns.take(() => this.#discard(id));
  }

  async #discard(id: string): Promise<void> {
    const { drafts, service, files } = this.#deps;
    this.#offering.get(id)?.cancelled.abort();
    await this.#offering.get(id)?.offered.catch(() => {});
    const draft = await drafts.take(id);
    // A page may have ended between sending it and saying so.
    if (!draft || (await this.#wasSent(draft.channel, draft))) return;
    const { attachment } = draft;
    if (attachment && 'root' in attachment) {
      await service.remove(attachment.root).catch((error: unknown) => {
        if (errorCode(error) !== 'not-found') throw error;
      });
    } else if (!attachment) await files?.copies.remove(id);
  }

  /** Reads on what an earlier page had given whole; what waits for a channel that the user has left goes. */
  async resume(): Promise<void> {
    const { drafts, files, channels, log } = this.#deps;
    try {
      for (const { channel, ...draft } of await drafts.all()) {
        if (this.#closed) return;
        if (!channels.isJoined(channel)) await this.discard(draft.id);
        else if (await this.#wasSent(channel, draft)) await drafts.take(draft.id);
        else if (files && draft.copied && !draft.attachment && !this.#offering.has(draft.id)) {
          await this.#begin(channel, draft.id, async () => draft).catch((error: unknown) => {
            log.warn('a file that was chosen earlier cannot be sent', { error: ParleyError.from(error).message });
          });
        }
      }
    } catch (error) {
      log.warn('files that were chosen earlier could not be looked at', { error: ParleyError.from(error).message });
    }
  }

  async file(channel: string, msgId: string, index: number): Promise<File> {
    const files = this.#open();
    const found = await this.#deps.service.kept(channel, msgId, index);
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
    this.#closed = true;
    for (const { cancelled } of this.#offering.values()) cancelled.abort();
  }

  /** `copy`: resolves when all of it is in this browser. */
  #begin(channel: string, id: string, copy: (signal: AbortSignal) => Promise<DraftFile>): Promise<OfferedFile> {
    const running = this.#offering.get(id);
    if (running) return running.offered;
    const cancelled = new AbortController();
    const { drafts, publish } = this.#deps;
    const offered = this.#offer(channel, id, copy, cancelled.signal)
      .catch(async (error: unknown) => {
        // A node that ends goes on with it when it is there again.
        if (this.#closed) throw error;
        await drafts.take(id);
        await this.#deps.files?.copies.remove(id);
        throw cancelled.signal.aborted ? new ParleyError('aborted', 'the file is not to be sent any more') : error;
      })
      .finally(() => {
        this.#offering.delete(id);
        publish({ event: 'draft', channel_id: channel, id });
      });
    this.#offering.set(id, { cancelled, offered });
    return offered;
  }

  async #offer(channel: string, id: string, copy: (signal: AbortSignal) => Promise<DraftFile>, signal: AbortSignal): Promise<OfferedFile> {
    const { drafts, service, clock } = this.#deps;
    const { name, type, size } = await copy(signal);
    const offered = { ...(await service.offer(channel, id, signal)), name };
    await drafts.put(channel, { id, name, type, size, copied: true, attachment: { ...offered, type } }, clock.now());
    return offered;
  }

  async #wasSent(channelId: string, { attachment }: DraftFile): Promise<boolean> {
    return attachment !== undefined && 'root' in attachment && this.#deps.channels.attached.namesFile(attachment.root, channelId);
  }

  #open(): OpfsFiles {
    const { files } = this.#deps;
    if (!files)
      throw new ParleyError('unsupported', 'this browser gives pages no place for large files: use a newer one, or no private window');
    return files;
  }
}
