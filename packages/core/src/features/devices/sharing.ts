import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { LruMap } from '../../util/bounded.ts';
import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Scope } from '../../util/scope.ts';
import { Turns } from '../../util/turns.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { DeviceConfig } from './config.ts';
import type { NodeKey } from './list.ts';
import { Shared, type SharedRow } from './shared.ts';
import { sharedGone, sharedWrite } from './store.ts';
import { DEVICE_NEWS, MAX_ROWS, MAX_VALUE_BYTES } from './verbs.ts';

/** Bytes of what goes in one DEVICE_NEWS, about. */
const NEWS_BYTES = 64 * 1024;

/** A kind of thing that the devices of a person share. Values are JSON. */
export interface SharedKind {
  /** All that there is of it here now, by id. `first`: nothing of it was shared yet. */
  all(first: boolean): Iterable<readonly [string, string]>;
  /** Another device has said this; undefined: it is no more. Done again it changes nothing. Errors: any. */
  apply(id: string, value: string | undefined): Promise<void>;
}

export interface SharingDeps {
  readonly ports: Ports;
  readonly overlay: Overlay;
  readonly scope: Scope;
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** This person's other devices. */
  readonly others: () => NodeKey[];
  /** In the order in which they are told. */
  readonly kinds: ReadonlyMap<string, SharedKind>;
}

const decoder = new TextDecoder();

/** Own devices keep each other up to date: each change is told, and whenever they meet they compare the digests of all. */
export class Sharing {
  readonly #deps: SharingDeps;
  readonly #config: DeviceConfig;
  readonly #shared: Shared;
  readonly #changed = new Map<string, SharedRow>();
  /** When a device was last told all (monotonic). */
  readonly #toldAll = new LruMap<string, number>(64);
  readonly #turns = new Turns();

  constructor(deps: SharingDeps, config: DeviceConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#shared = new Shared(config.maxShared);
    deps.overlay.sealed.handle(DEVICE_NEWS, (arrival) => this.#onNews(arrival));
  }

  load(rows: readonly SharedRow[]): void {
    for (const row of rows) this.#shared.put(row);
  }

  get(key: string): string | undefined {
    return this.#shared.get(key)?.value;
  }

  /** Something is so here from now on. On disk when it resolves, where there are devices to share it with. */
  say(key: string, value: string | undefined): Promise<void> {
    return this.#turns.take(async () => {
      if (this.#deps.others().length === 0) return;
      const row = this.#shared.say(key, value, this.#deps.ports.clock.now());
      if (!row || (row.value !== undefined && utf8(row.value).length > MAX_VALUE_BYTES)) return;
      await this.#keep([row]);
      if (this.#changed.size === 0) this.#deps.scope.after(this.#config.gatherMs, () => this.#tellChanged());
      this.#changed.set(row.key, row);
    });
  }

  /** All that is so here and was not said yet: when the first other device is there, and what a crash kept from being said. */
  async sayAll(): Promise<void> {
    const first = this.#shared.all().length === 0;
    for (const [kind, things] of this.#deps.kinds) for (const [id, value] of [...things.all(first)]) await this.say(`${kind}/${id}`, value);
  }

  /** These things are no more, whether or not another device is there to hear it. Errors: those of the store. */
  retract(isGone: (key: string) => boolean): Promise<void> {
    return this.#turns.take(async () => {
      const now = this.#deps.ports.clock.now();
      const gone = this.#shared.all().filter(({ key, value }) => value !== undefined && isGone(key));
      await this.#keep(gone.flatMap(({ key }) => this.#shared.say(key, undefined, now) ?? []));
    });
  }

  /** Nothing is shared any more. Errors: those of the store. */
  forget(): Promise<void> {
    return this.#turns.take(async () => {
      await this.#deps.ports.store.commit(this.#shared.all().map(sharedGone));
      this.#shared.clear();
      this.#changed.clear();
    });
  }

  /** Tells another device by which digest it can see whether it knows the same. */
  async compare({ nodeId }: NodeKey): Promise<void> {
    const { overlay, ports } = this.#deps;
    const target = await this.#deps.target(nodeId);
    await overlay.sealed.send(DEVICE_NEWS, { digest: this.#shared.digest(ports.crypto) }, { target }, { custody: false });
  }

  #tellChanged(): void {
    const rows = [...this.#changed.values()];
    this.#changed.clear();
    for (const device of this.#deps.others()) this.#watch(this.#tell(device, rows));
  }

  async #tell({ nodeId }: NodeKey, rows: readonly SharedRow[]): Promise<void> {
    const target = await this.#deps.target(nodeId);
    const kinds = [...this.#deps.kinds.keys()];
    const rest = rows.toSorted((a, b) => kinds.indexOf(kindOf(a)) - kinds.indexOf(kindOf(b)));
    while (rest.length > 0) {
      const some: { key: string; time: number; value?: string }[] = [];
      for (let bytes = 0; rest.length > 0 && some.length < MAX_ROWS && bytes < NEWS_BYTES; ) {
        const { key, time, value } = rest.shift() as SharedRow;
        const encoded = value === undefined ? undefined : base64(utf8(value));
        bytes += encoded?.length ?? 0;
        some.push({ key, time, ...(encoded === undefined ? {} : { value: encoded }) });
      }
      await this.#deps.overlay.sealed.send(DEVICE_NEWS, { rows: some }, { target });
    }
  }

  async #onNews({ data, origin }: Arrival<DataOf<typeof DEVICE_NEWS>>): Promise<Verdict> {
    const device = this.#deps.others().find(({ nodeId }) => nodeId === origin);
    if (!device) return { verdict: 'refuse', reason: 'not a device of this person' };
    if (data.rows) await this.#hear(data.rows.map(({ key, time, value }) => ({ key, time, value: textIn(value) })));
    if (data.digest !== undefined && data.digest !== this.#shared.digest(this.#deps.ports.crypto)) this.#tellAll(device);
    return ACCEPT;
  }

  #tellAll(device: NodeKey): void {
    const now = this.#deps.ports.clock.monotonic();
    const last = this.#toldAll.get(device.nodeId);
    if (last !== undefined && now - last < this.#config.tellAllMs) return;
    this.#toldAll.set(device.nodeId, now);
    // Then it compares, and says what it knows beyond that.
    this.#watch(this.#tell(device, this.#shared.all()).then(() => this.compare(device)));
  }

  /** Done, then kept: what a crash leaves between is said once more at the next start, and is the same. */
  #hear(rows: readonly SharedRow[]): Promise<void> {
    return this.#turns.take(async () => {
      const latest = this.#deps.ports.clock.now() + this.#config.aheadMs;
      const news = rows.filter((row) => row.time <= latest && this.#deps.kinds.has(kindOf(row)) && this.#shared.isNews(row));
      if (news.length === 0) return;
      // What is no more comes last: it may have gone on under another key.
      for (const row of news.toSorted((a, b) => Number(a.value === undefined) - Number(b.value === undefined))) await this.#apply(row);
      await this.#keep(news);
    });
  }

  /** Does once more what came of a thing that could not be done before. */
  again(key: string): void {
    const row = this.#shared.get(key);
    if (row) this.#watch(this.#turns.take(() => this.#apply(row)));
  }

  async #apply(row: SharedRow): Promise<void> {
    try {
      await this.#deps.kinds.get(kindOf(row))?.apply(row.key.slice(row.key.indexOf('/') + 1), row.value);
    } catch (error) {
      this.#deps.ports.log.warn('what another device did could not be done here', { error: ParleyError.from(error).message });
    }
  }

  async #keep(rows: readonly SharedRow[]): Promise<void> {
    await this.#deps.ports.store.commit(rows.map(sharedWrite));
    for (const row of rows) this.#shared.put(row);
  }

  #watch(task: Promise<void>): void {
    this.#deps.scope.run(task, (error) =>
      this.#deps.ports.log.debug('another device could not be told', { error: ParleyError.from(error).message }),
    );
  }
}

const kindOf = ({ key }: SharedRow): string => key.slice(0, key.indexOf('/'));

function textIn(value: string | undefined): string | undefined {
  const bytes = value === undefined ? undefined : fromBase64(value);
  return bytes && decoder.decode(bytes);
}
