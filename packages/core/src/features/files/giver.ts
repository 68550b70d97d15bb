import type { Links } from '../../link/index.ts';
import type { Overlay, Verdict } from '../../overlay/index.ts';
import { ACCEPT, type Arrival } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { base64 } from '../../util/base64.ts';
import { TokenBuckets } from '../../util/bounded.ts';
import { equalBytes } from '../../util/bytes.ts';
import { type ErrorCode, ParleyError } from '../../util/errors.ts';
import { randomGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { FileConfig } from './config.ts';
import { levelsOf, SEALED_BYTES, sealChunk, sealedLength } from './layout.ts';
import { inRuns, type Run } from './plan.ts';
import type { FileRecord, Shelf } from './shelf.ts';
import { FILE_ASK, FILE_CHUNK, FILE_STATE, FILE_WANT } from './verbs.ts';

/** Kind of the transfers that carry chunks. */
export const TRANSFER_KIND = 'file';

/** The longest that one question is answered over a link. */
const GIVING_MS = 120_000;

/** Of the questions that are answered at a time, so many are at most strangers'. */
const STRANGERS = 0.75;

const ABOUT_THE_FILE: readonly ErrorCode[] = ['conflict', 'not-found'];
const ABOUT_THE_LINK: readonly ErrorCode[] = ['aborted', 'closed', 'quota', 'refused'];

type Asked = Pick<DataOf<typeof FILE_ASK>, 'channel_id' | 'root'>;

export interface GiverDeps {
  readonly ports: Ports;
  readonly scope: Scope;
  readonly links: Links;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly shelf: Shelf;
  /** Whether a node may have what was sent in a channel: it is in there, and so are we. */
  readonly admits: (channelId: string, nodeId: string) => boolean;
  /** Whether a node is of somebody whom the user knows. */
  readonly isKnown: (nodeId: string) => boolean;
  /** Whether a file was sent in a channel, whoever says so. */
  readonly sent: (root: string, channelId: string) => Promise<boolean>;
  /** Whether one that is here came from there, or was sent there by this user. */
  readonly belongs: (record: FileRecord, channelId: string) => Promise<boolean>;
  /** A file of the user's cannot be given, or can be again. */
  readonly lost: (record: FileRecord, error: ParleyError | undefined) => void;
  /** What is here of a file that is being fetched. */
  readonly partly: (root: string) => { readonly runs: readonly Run[]; readonly lists: boolean };
}

/** A file of the user's that was not there is looked for again after so long, when somebody asks. */
const LOOK_AGAIN_MS = 60_000;

/** Gives chunks of files to members of the channels in which they were sent. */
export class Giver {
  readonly #deps: GiverDeps;
  readonly #config: FileConfig;
  readonly #giving = new Map<string, number>();
  /** The user's own files that were not as they were sent, and when that was found. */
  readonly #lost = new Map<string, number>();
  readonly #relayed = new TokenBuckets(1000);
  #active = 0;
  /** Of these, strangers'. */
  #strange = 0;

  constructor(deps: GiverDeps, config: FileConfig) {
    this.#deps = deps;
    this.#config = config;
    deps.overlay.handle(FILE_ASK, (arrival) => this.#onAsk(arrival));
    deps.overlay.handle(FILE_WANT, (arrival) => this.#onWant(arrival));
  }

  async #onAsk({ data, origin }: Arrival<DataOf<typeof FILE_ASK>>): Promise<Verdict> {
    if (!(await this.#mayHave(data, origin))) return { verdict: 'drop', reason: 'file-not-a-member' };
    await this.#tell(origin, data.channel_id, data.root, this.#runs(await this.#recordOf(data)));
    return ACCEPT;
  }

  async #onWant({ data, origin }: Arrival<DataOf<typeof FILE_WANT>>): Promise<Verdict> {
    if (!(await this.#mayHave(data, origin))) return { verdict: 'drop', reason: 'file-not-a-member' };
    const record = await this.#recordOf(data);
    const level = record && levelsOf(record.size)[data.level];
    const { runs, lists } = record?.state === 'fetching' ? this.#deps.partly(data.root) : { runs: this.#runs(record), lists: true };
    const held = level && data.chunks.every((index) => index < level.chunks && (data.level === 0 ? inRuns(runs, index) : lists));
    const each = this.#giving.get(origin) ?? 0;
    const { givingEach, givingAll } = this.#config;
    const strange = this.#deps.isKnown(origin) ? 0 : 1;
    const full = this.#active >= givingAll || (strange > 0 && this.#strange >= Math.max(1, givingAll * STRANGERS));
    const busy = each >= givingEach || full;
    if (!record || !level || !held || busy) {
      await this.#tell(origin, data.channel_id, data.root, runs, data.msg_id);
      return busy ? { verdict: 'drop', reason: 'file-busy' } : ACCEPT;
    }
    this.#active++;
    this.#strange += strange;
    this.#giving.set(origin, each + 1);
    const given = this.#give(record, data, origin).finally(() => {
      this.#active--;
      this.#strange -= strange;
      const left = (this.#giving.get(origin) ?? 1) - 1;
      if (left === 0) this.#giving.delete(origin);
      else this.#giving.set(origin, left);
    });
    this.#deps.scope.run(given, (error) => this.#failed(error, data, origin));
    return ACCEPT;
  }

  async #mayHave({ channel_id, root }: Asked, origin: string): Promise<boolean> {
    return this.#deps.admits(channel_id, origin) && (await this.#deps.sent(root, channel_id));
  }

  /** What came from elsewhere is as if it were not here: whoever names its root does not learn of it. */
  async #recordOf({ channel_id, root }: Asked): Promise<FileRecord | undefined> {
    const record = this.#deps.shelf.get(root);
    return record && (await this.#deps.belongs(record, channel_id)) ? record : undefined;
  }

  #runs(record: FileRecord | undefined): readonly Run[] {
    if (!record || record.state === 'failed' || this.#isLost(record.root)) return [];
    if (record.state === 'fetching') return this.#deps.partly(record.root).runs;
    return [{ from: 0, to: (levelsOf(record.size)[0]?.chunks ?? 1) - 1 }];
  }

  /** After a while it is looked at again: it may be back. */
  #isLost(root: string): boolean {
    const since = this.#lost.get(root);
    return since !== undefined && this.#deps.ports.clock.monotonic() - since < LOOK_AGAIN_MS;
  }

  async #give(record: FileRecord, { level, chunks, msg_id, channel_id }: DataOf<typeof FILE_WANT>, nodeId: string): Promise<void> {
    const { shelf, ports, links, metrics, scope } = this.#deps;
    const reader = await shelf.reader(record);
    const sealed = async (index: number): Promise<Uint8Array> => {
      const chunk = await sealChunk(ports.crypto, record, level, index, await reader.chunk(level, index));
      // A file that was changed and looks as before: two contents under one key and nonce would give each other away to relays.
      if (record.state === 'source' && level === 0 && !equalBytes(await ports.crypto.digest(chunk), await reader.address(index)))
        throw new ParleyError('conflict', `${record.path} was changed since it was sent: it cannot be given to others`);
      if (level === 0 && this.#lost.delete(record.root)) this.#deps.lost(record, undefined);
      return chunk;
    };
    try {
      const link = links.get(nodeId);
      if (link && !link.closing) {
        const place = levelsOf(record.size)[level];
        const size = place ? chunks.reduce((sum, index) => sum + sealedLength(place, index), 0) : 0;
        const transfer = link.transfers.open(TRANSFER_KIND, { size, meta: { request: msg_id } });
        // One who takes nothing keeps others waiting.
        const slow = scope.after(GIVING_MS, () => transfer.abort('timeout'));
        try {
          // The next is read and sealed while the last is being sent.
          let sending: Promise<void> = Promise.resolve();
          for (const index of chunks) {
            const bytes = await sealed(index);
            await sending;
            sending = transfer.write(bytes);
            sending.catch(() => {});
          }
          await sending;
          transfer.end();
        } catch (error) {
          transfer.abort(ParleyError.from(error).code);
          throw error;
        } finally {
          slow.cancel();
        }
        metrics.count('file_chunks_given', 'transfer', chunks.length);
      } else {
        for (const index of chunks) await this.#relay(nodeId, channel_id, { request: msg_id, index }, await sealed(index));
        metrics.count('file_chunks_given', 'relayed', chunks.length);
      }
    } finally {
      await reader.close();
    }
  }

  /** `channelId`: where it belongs says whether it goes by circuit. By relays, not faster than they should be burdened. */
  async #relay(
    nodeId: string,
    channelId: string,
    which: Pick<DataOf<typeof FILE_CHUNK>, 'request' | 'index'>,
    sealed: Uint8Array,
  ): Promise<void> {
    const { overlay, scope, ports } = this.#deps;
    const now = ports.clock.monotonic();
    const debit = (who: string, perSecond: number): number =>
      this.#relayed.of(who, { perSecond, burst: 4 * SEALED_BYTES }, now).debit(now, sealed.length);
    const { relayedBytesPerSecond, relayedBytesPerSecondInAll } = this.#config;
    const wait = Math.max(debit(nodeId, relayedBytesPerSecond), debit('', relayedBytesPerSecondInAll));
    if (wait > 0) await scope.sleep(wait);
    await overlay.send(FILE_CHUNK, { msg_id: randomGuid(ports.random), recipient_id: nodeId, ...which, data: base64(sealed) }, channelId);
  }

  async #tell(nodeId: string, channelId: string, root: string, runs: readonly Run[], request?: string): Promise<void> {
    const { overlay, ports } = this.#deps;
    const about = request === undefined ? {} : { request };
    const have = runs.map(({ from, to }) => ({ from, to }));
    const state = { msg_id: randomGuid(ports.random), recipient_id: nodeId, root, have, ...about };
    await overlay.send(FILE_STATE, state, channelId);
  }

  /** Nothing can be given of it (the user's file was changed, say): whoever asked is told, and asks others. */
  #failed(error: unknown, { root, msg_id, channel_id }: DataOf<typeof FILE_WANT>, nodeId: string): void {
    const failure = ParleyError.from(error);
    const { code, message } = failure;
    const record = this.#deps.shelf.get(root);
    if (ABOUT_THE_FILE.includes(code) && record?.state === 'source') {
      this.#lost.set(root, this.#deps.ports.clock.monotonic());
      this.#deps.lost(record, failure);
    }
    this.#deps.metrics.count('file_failures', code);
    this.#deps.ports.log.warn('chunks of a file could not be given', { root, code, error: message });
    // A link that ended, or an asker that has changed its mind, says nothing of the file.
    if (!ABOUT_THE_LINK.includes(code)) this.#deps.scope.run(this.#tell(nodeId, channel_id, root, [], msg_id), () => {});
  }
}
