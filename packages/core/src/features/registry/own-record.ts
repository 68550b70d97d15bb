import type { Identity } from '../../identity/identity.ts';
import type { Link, Links } from '../../link/index.ts';
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

export interface OwnRecordDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  readonly links: Links;
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
  readonly #listening: { readonly transport: string; readonly address: string }[] = [];
  #sealed: readonly string[] = [];
  #seq = 0;
  #said: RecordContent | undefined;
  #saidText = '';
  #bytes: Uint8Array | undefined;
  #madeAt = Number.NEGATIVE_INFINITY;
  #dueAt = Number.NEGATIVE_INFINITY;
  #armed = false;
  #making = false;

  constructor(deps: OwnRecordDeps, config: RegistryConfig) {
    this.#deps = deps;
    this.#config = config;
  }

  async start(): Promise<void> {
    const stored = await this.#deps.ports.store.get(TABLE, ROW);
    this.#seq = Number(stored ?? 0);
    const { links, scope } = this.#deps;
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

  /** This node listens. A record says where, as others see it. */
  listens(transport: string, address: string): void {
    this.#listening.push({ transport, address });
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
    if (!this.#config.listed || this.#armed) return;
    this.#armed = true;
    const { scope, ports } = this.#deps;
    const settle = this.#config.settleMs * (0.75 + 0.5 * ports.random.number());
    scope.after(Math.max(settle, this.#madeAt + this.#config.minPublishMs - this.#now()), () => {
      this.#armed = false;
      if (this.#making) return this.changed();
      this.#making = true;
      const make = this.#make().finally(() => {
        this.#making = false;
      });
      scope.run(make, (error) => {
        this.#deps.metrics.reject('record-own');
        ports.log.warn('the own record could not be made', { error: error instanceof ParleyError ? error.message : String(error) });
      });
    });
  }

  async #make(): Promise<void> {
    const { ports, identity } = this.#deps;
    const content = this.#content();
    const text = JSON.stringify(content);
    if (this.#bytes && text === this.#saidText && this.#now() < this.#dueAt) return;
    const time = ports.clock.now();
    // A store that was lost, or an identity that moved, does not begin anew: the clock is ahead of all that was said before.
    this.#seq = Math.max(this.#seq + 1, Math.floor(time / 1000));
    await ports.store.commit([{ op: 'put', table: TABLE, key: ROW, value: String(this.#seq) }]);
    const life = { seq: this.#seq, time, expires: time + this.#config.recordLifetimeMs };
    const bytes = await makeRecord(identity, content, life);
    this.#said = content;
    this.#saidText = text;
    this.#bytes = bytes;
    this.#madeAt = this.#now();
    this.#dueAt = nextOwnRepublish(this.#madeAt, this.#config.republishMs, this.#config.recordLifetimeMs, ports.random.number());
    this.#deps.metrics.count('registry_published');
    await this.#deps.made(bytes);
  }

  #content(): RecordContent {
    const { nodeType } = this.#deps;
    const endpoints = this.#config.advertise.length > 0 ? this.#config.advertise : this.#endpoints();
    // A server that others reach needs nobody to be reached through.
    const alone = nodeType === 'server' && endpoints.some((endpoint) => !endpoint.startsWith('udp:'));
    return { nodeType, endpoints, attachments: alone ? [] : this.#attachments(), metadata: this.#config.metadata, sealed: this.#sealed };
  }

  #endpoints(): string[] {
    return this.#listening.flatMap(({ transport, address }) => {
      if (!isWildcard(hostOf(address))) return `${transport}:${address}`;
      const host = this.#seenHost();
      return host === undefined ? [] : `${transport}:${host}${address.slice(address.lastIndexOf(':'))}`;
    });
  }

  /** The host that most neighbours see this node at: one of them alone may be wrong, or lie. */
  #seenHost(): string | undefined {
    const votes = new Map<string, number>();
    for (const { seenAddress } of this.#deps.links.all()) {
      const host = seenAddress === undefined ? '' : hostOf(seenAddress);
      if (host !== '') votes.set(host, (votes.get(host) ?? 0) + 1);
    }
    let best: string | undefined;
    for (const [host, count] of votes) if (best === undefined || count > (votes.get(best) ?? 0)) best = host;
    return best;
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

  #endpointsOf({ peer, connection }: Link): string[] {
    const said = this.#deps.endpointsOf(peer.nodeId)?.filter((endpoint) => !endpoint.startsWith('udp:'));
    if (said && said.length > 0) return [...said];
    const { transport, remoteAddress, dialled } = connection;
    // Behind a proxy the address of a WebSocket says nothing.
    return dialled && transport !== 'ws' ? [`${transport}:${remoteAddress}`] : [];
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '[::]' || host === '::' || host === '';
}
