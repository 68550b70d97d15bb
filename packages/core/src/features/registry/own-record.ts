import type { Identity } from '../../identity/identity.ts';
import type { Link, Links, OwnEndpoints } from '../../link/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { RegistryConfig } from './config.ts';
import { MAX_ATTACHMENTS, makeRecord, type RecordContent } from './record.ts';
import { nextOwnRepublish } from './schedule.ts';

/** Where the sequence number is kept. */
const TABLE = 'registry_own';
const ROW = 'seq';
export const ownTables = [{ name: TABLE, small: true }] as const;

/** Numbers that are put aside at a time: those are not written down one by one. A restart goes on beyond them. */
const PUT_ASIDE = 16;
/** After it could not be made, or told. */
const RETRY_MS = 60_000;

export interface OwnRecordDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  readonly links: Pick<Links, 'all' | 'events'>;
  readonly own: OwnEndpoints;
  readonly metrics: Metrics;
  readonly scope: Scope;
  /** What a server says of itself; undefined where its record is not known. */
  readonly endpointsOf: (nodeId: string) => readonly string[] | undefined;
  readonly made: (record: Uint8Array) => Promise<void>;
}

/** The record of this node: made anew when what it says has changed, and every hour, with a sequence number that never goes back. */
export class OwnRecord {
  readonly #deps: OwnRecordDeps;
  readonly #config: RegistryConfig;
  #sealed: readonly string[] = [];
  #seq = 0;
  /** Up to here numbers are put aside, on disk. */
  #aside = 0;
  #said: RecordContent | undefined;
  #saidText = '';
  #bytes: Uint8Array | undefined;
  #madeAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.NEGATIVE_INFINITY;
  #armed = false;
  #making = false;
  #withdrawn = false;

  constructor(deps: OwnRecordDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  async start(): Promise<void> {
    const stored = await this.#deps.ports.store.get(TABLE, ROW);
    this.#seq = Number(stored ?? 0);
    this.#aside = this.#seq;
    const { links, own, scope } = this.#deps;
    scope.add(own.events.on('changed', () => this.changed()));
    scope.add(links.events.on('up', () => this.changed()));
    scope.add(links.events.on('down', () => this.changed()));
    scope.every(
      () => this.#config.maintenanceMs,
      () => {
        if (this.#bytes && this.#now() >= this.#dueAt) this.changed();
      },
    );
  }

  /** As it was told last. */
  get bytes(): Uint8Array | undefined {
    return this.#bytes;
  }

  get seq(): number {
    return this.#seq;
  }

  set sealed(sealed: readonly string[]) {
    this.#sealed = sealed;
    this.changed();
  }

  /** Somebody has a later record of this node: from a store that was lost. The next one is later still. */
  outrun(seq: number): void {
    if (seq <= this.#seq) return;
    this.#deps.metrics.count('registry_outrun');
    this.#seq = seq;
    this.#dueAt = Number.NEGATIVE_INFINITY;
    this.changed();
  }

  /** What it says may have changed. */
  changed(): void {
    if (!this.#config.listed || this.#armed || this.#withdrawn) return;
    this.#armed = true;
    const { scope, ports } = this.#deps;
    const settle = this.#config.settleMs * (0.75 + 0.5 * ports.random.number());
    scope.after(Math.max(settle, this.#madeAt + this.#config.minPublishMs - this.#now()), () => {
      this.#armed = false;
      if (this.#making) {
        this.changed();
        return;
      }
      scope.run(this.#make(false), (error) => {
        this.#deps.metrics.reject('record-own');
        this.#dueAt = Math.min(this.#dueAt, this.#now() + RETRY_MS);
        ports.log.warn('the own record could not be made', { error: error instanceof ParleyError ? error.message : String(error) });
      });
    });
  }

  /** Makes and tells a record now, whether or not anything has changed. Returns its sequence number once those who keep it have it. */
  async now(): Promise<number> {
    if (!this.#config.listed) throw new ParleyError('unsupported', 'this node is not listed');
    return this.#make(true);
  }

  /** Says for the last time where this node is: nowhere. Nothing is said afterwards. Errors: those of the store. */
  async withdraw(): Promise<void> {
    if (!this.#config.listed || !this.#bytes) return;
    this.#withdrawn = true;
    await this.#make(true);
  }

  async #make(force: boolean): Promise<number> {
    this.#making = true;
    try {
      return await this.#makeAndTell(force);
    } finally {
      this.#making = false;
    }
  }

  async #makeAndTell(force: boolean): Promise<number> {
    const { ports, identity } = this.#deps;
    const content = this.#content();
    const text = JSON.stringify(content);
    if (!force && this.#bytes && text === this.#saidText && this.#now() < this.#dueAt) return this.#seq;
    const time = ports.clock.now();
    // A store that was lost, or an identity that moved, does not begin anew: the clock is ahead of all that was said before.
    const seq = Math.max(this.#seq + 1, Math.floor(time / 1000));
    this.#seq = seq;
    if (seq > this.#aside) {
      const aside = seq + PUT_ASIDE;
      await ports.store.commit([{ op: 'put', table: TABLE, key: ROW, value: String(aside) }]);
      this.#aside = Math.max(this.#aside, aside);
    }
    const life = { seq, time, expires: time + this.#config.recordLifetimeMs };
    const bytes = await makeRecord(identity, content, life);
    this.#said = content;
    this.#saidText = text;
    this.#bytes = bytes;
    this.#madeAt = this.#now();
    this.#dueAt = nextOwnRepublish(this.#madeAt, this.#config.republishMs, this.#config.recordLifetimeMs, ports.random.number());
    this.#deps.metrics.count('registry_published');
    await this.#deps.made(bytes);
    return seq;
  }

  #content(): RecordContent {
    const { nodeType, own } = this.#deps;
    if (this.#withdrawn) return { nodeType, endpoints: [], attachments: [], metadata: {}, sealed: [] };
    const endpoints = own.list();
    // A server that others reach needs nobody to be reached through.
    const alone = nodeType === 'server' && endpoints.some((endpoint) => !endpoint.startsWith('udp:'));
    return { nodeType, endpoints, attachments: alone ? [] : this.#attachments(), metadata: this.#config.metadata, sealed: this.#sealed };
  }

  #attachments(): RecordContent['attachments'] {
    const links = this.#deps.links.all().filter((link) => link.peer.nodeType === 'server');
    // Those that were named before stay where they are: a record that follows every change of latency would change all the time.
    const due = this.#now() >= this.#dueAt;
    const place = (link: Link): number => {
      const at = due ? -1 : (this.#said?.attachments.findIndex(({ keyId }) => keyId === link.peer.keyId) ?? -1);
      return at < 0 ? MAX_ATTACHMENTS : at;
    };
    return links
      .sort((a, b) => place(a) - place(b) || a.latencyMs - b.latencyMs)
      .slice(0, MAX_ATTACHMENTS)
      .map((link) => ({ keyId: link.peer.keyId, endpoints: this.#endpointsOf(link) }));
  }

  #endpointsOf({ peer, connection, dialledTo }: Link): string[] {
    const said = this.#deps.endpointsOf(peer.nodeId)?.filter((endpoint) => !endpoint.startsWith('udp:'));
    if (said && said.length > 0) return [...said];
    const { transport, remoteAddress } = connection;
    // Behind a proxy the address of a WebSocket says nothing.
    return dialledTo !== undefined && transport !== 'ws' ? [`${transport}:${remoteAddress}`] : [];
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
