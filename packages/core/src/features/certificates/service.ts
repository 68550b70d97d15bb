import type { Certificate, CertificateReader } from '../../identity/certificate.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Link } from '../../link/index.ts';
import { ACCEPT, type Arrival, FOR_OTHERS, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite } from '../../ports/store.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { randomGuid } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { DataOf } from '../../wire/verb.ts';
import { Asks } from './asks.ts';
import { type CertificateConfig, certificateDefaults } from './config.ts';
import { deletions, NAMES, type NameRow, nameWrite, summary, TABLE } from './rows.ts';
import { CertificateShelf, type KnownCertificate } from './shelf.ts';
import { Targets, unusable } from './targets.ts';
import { CERTIFICATE, GETCERTIFICATE } from './verbs.ts';

/** Rows read, and written, at a time. */
const PAGE = 500;

export interface CertificateDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly reader: CertificateReader;
  /** Why a certificate is not trusted here (trust mode `ca`), or undefined. */
  readonly distrust: (certificate: Certificate) => Awaitable<string | undefined>;
  /** Whether `distrust` ever finds anything: then what was kept is judged again after each start. */
  readonly judges: boolean;
  /** Whether this node shares a channel with it. */
  readonly favoured: (nodeId: string) => boolean;
  /** Whether a node that asks for the own certificate gets it. */
  readonly shows: (nodeId: string) => boolean;
  /** A certificate, in DER, that is being asked for without this node being seen; undefined where the node itself is to be asked. */
  readonly hidden?: (nodeId: string) => Promise<Uint8Array | undefined> | undefined;
}

/** Certificates of other nodes, asked for and kept: they carry the name and the sealing key (S2 GETCERTIFICATE, CERTIFICATE). */
export class Certificates {
  readonly events: Emitter<{ learnt: KnownCertificate }>;
  readonly #deps: CertificateDeps;
  readonly #config: CertificateConfig;
  readonly #scope: Scope;
  readonly #shelf: CertificateShelf;
  readonly #asks: Asks;
  readonly #asksForOthers: Asks;
  readonly #answered = new LruMap<string, number>(10_000);
  readonly #targets: Targets;
  /** Those that came last: they may not be on disk yet. */
  readonly #arriving = new LruMap<string, Uint8Array>(64);

  constructor(deps: CertificateDeps, config: CertificateConfig = certificateDefaults) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
    this.#shelf = new CertificateShelf(config.capacity, deps.favoured);
    this.#targets = new Targets(this.#scope, config.waitMs);
    this.#asks = new Asks(config, deps.ports.clock.monotonic());
    this.#asksForOthers = new Asks(config, deps.ports.clock.monotonic());
    deps.overlay.handle(GETCERTIFICATE, (arrival) => this.#onGet(arrival));
    deps.overlay.handle(CERTIFICATE, (arrival) => this.#onCertificate(arrival));
  }

  async start(): Promise<void> {
    const rows = await this.#names();
    rows.sort((a, b) => a.used - b.used);
    const gone = rows.flatMap(({ used, ...known }) => this.#shelf.put(known, used));
    await this.#deleteAll(gone);
    // What was kept before names were, or without them.
    if ((await this.#deps.ports.store.count(TABLE)) !== this.#shelf.size) await this.#readUnnamed();
    if (this.#deps.judges) this.#watch(this.#judgeAgain());
    this.#scope.every(
      () => this.#config.saveUsesMs,
      () => this.#watch(this.#saveUses()),
    );
  }

  /** No link brings another certificate: who waits for one would hold up the end of the node. */
  giveUp(): void {
    this.#targets.close();
  }

  async close(): Promise<void> {
    this.giveUp();
    await this.#scope.close();
    await this.#saveUses();
  }

  /** What is known of a node; undefined until its certificate came. */
  get(nodeId: string): KnownCertificate | undefined {
    return this.#shelf.use(nodeId, this.#wall());
  }

  /** A neighbour's certificate, as TLS proved it. */
  learn(link: Link): void {
    const { certificate } = link.peer;
    if (!certificate || this.#shelf.peek(link.peer.nodeId)?.name === link.peer.name) return;
    this.#watch(
      this.#read(certificate).then(async (read) => {
        if (read) await this.#deps.ports.store.commit(this.#keep(read, certificate));
      }),
    );
  }

  /** Asks a node for its certificate, unless it is known or was asked lately. The answer comes as the event `learnt`. */
  fetch(nodeId: string, againMs: number = this.#config.askAgainMs): void {
    if (nodeId === this.#deps.identity.nodeId || this.#shelf.peek(nodeId)) return;
    // Whoever is not asked now is asked when somebody wants to see the name again.
    this.#ask(nodeId, againMs, (msgId) => {
      const recipients = [nodeId];
      return this.#deps.overlay.entrust(GETCERTIFICATE, { msg_id: msgId, recipient_id: nodeId }, { msgId, recipients, receipts: false });
    });
  }

  /** Asks a node for its certificate though it is known: its name may be another by now. */
  refresh(nodeId: string): void {
    this.#ask(nodeId, this.#config.askAgainMs, (msgId) => this.#deps.overlay.send(GETCERTIFICATE, { msg_id: msgId, recipient_id: nodeId }));
  }

  /** Asks unless it was asked within `againMs`: as `ask` does, or by circuit whom the user hides from. */
  #ask(nodeId: string, againMs: number, ask: (msgId: string) => Promise<unknown>): void {
    const { hidden, ports } = this.#deps;
    if (!this.#asks.take(nodeId, againMs, ports.clock.monotonic())) return;
    const unseen = hidden?.(nodeId)?.then((der) => this.#learnHidden(nodeId, der));
    this.#watch(unseen ?? ask(randomGuid(ports.random)));
  }

  /**
   * Whom to seal to. A certificate that is not here is asked for, and waited for. Errors: `unreachable` when it does not come,
   * `bad-certificate` when nothing can be sealed to it, those of the store.
   */
  async target(nodeId: string): Promise<SealingTarget> {
    const { identity, ports } = this.#deps;
    if (nodeId === identity.nodeId) return identity;
    if (this.#targets.get(nodeId)) return this.#targets.wait(nodeId);
    const value = this.get(nodeId) && (await ports.store.get(TABLE, nodeId));
    const der = typeof value === 'string' ? fromBase64(value) : undefined;
    const read = der && (await this.#read(der));
    // Somebody waits for this one.
    if (!read) this.fetch(nodeId, this.#config.waitMs);
    else if (!this.#targets.learn(read)) throw unusable();
    return this.#targets.wait(nodeId);
  }

  /**
   * A certificate in DER that somebody else wants to see. It is asked for without custody, so that strangers cannot fill our outbox, nor use up what we
   * may ask for ourselves. Errors: `unreachable` when it does not come, those of the store.
   */
  async forOthers(nodeId: string): Promise<Uint8Array | undefined> {
    const { identity, overlay, ports } = this.#deps;
    if (nodeId === identity.nodeId) return identity.certificate;
    if (!this.#shelf.peek(nodeId)) {
      if (this.#asksForOthers.take(nodeId, this.#config.waitMs, ports.clock.monotonic()))
        await overlay.send(GETCERTIFICATE, { msg_id: randomGuid(ports.random), recipient_id: nodeId }, FOR_OTHERS);
      await this.#targets.wait(nodeId);
    }
    const value = this.#arriving.get(nodeId) ?? (await ports.store.get(TABLE, nodeId));
    return typeof value === 'string' ? fromBase64(value) : value;
  }

  async #learnHidden(nodeId: string, der: Uint8Array | undefined): Promise<void> {
    const certificate = der && (await this.#read(der));
    if (certificate?.nodeId === nodeId) await this.#deps.ports.store.commit(this.#keep(certificate, der as Uint8Array));
  }

  #onGet({ data, origin }: Arrival<DataOf<typeof GETCERTIFICATE>>): Verdict {
    if (!this.#deps.shows(origin)) return { verdict: 'drop', reason: 'certificate-unlisted' };
    const now = this.#deps.ports.clock.monotonic();
    const answered = this.#answered.get(origin);
    if (answered !== undefined && now - answered < this.#config.answerAgainMs)
      return { verdict: 'drop', reason: 'certificate-asked-again' };
    this.#answered.set(origin, now);
    const certificate = base64(this.#deps.identity.certificate);
    // Without custody: whoever does not get it asks again, and strangers who ask by the thousand cannot fill our outbox.
    this.#watch(this.#deps.overlay.send(CERTIFICATE, { msg_id: data.msg_id, recipient_id: origin, certificate }));
    return ACCEPT;
  }

  #onCertificate({ data, origin }: Arrival<DataOf<typeof CERTIFICATE>>): Awaitable<Verdict> {
    if (!this.#asks.awaits(origin) && !this.#asksForOthers.awaits(origin)) return { verdict: 'drop', reason: 'certificate-unasked' };
    const der = fromBase64(data.certificate);
    if (!der) return { verdict: 'drop', reason: 'bad-certificate' };
    return this.#read(der).then((certificate): Verdict => {
      // Signed by its holder or not believed: anybody can show somebody else's certificate.
      if (certificate?.nodeId !== origin) return { verdict: 'drop', reason: 'bad-certificate' };
      for (const asks of [this.#asks, this.#asksForOthers]) asks.answered(origin);
      return { verdict: 'accept', writes: this.#keep(certificate, der) };
    });
  }

  /** Undefined when it is malformed, or not trusted here. */
  async #read(der: Uint8Array): Promise<Certificate | undefined> {
    try {
      const certificate = await this.#deps.reader.parse(der);
      const reason = await this.#deps.distrust(certificate);
      return reason === undefined ? certificate : undefined;
    } catch (error) {
      if (error instanceof ParleyError && error.code === 'bad-certificate') return undefined;
      throw error;
    }
  }

  #keep(certificate: Certificate, der: Uint8Array): StoreWrite[] {
    const known = summary(certificate);
    const used = this.#wall();
    const gone = this.#shelf.put(known, used);
    this.#arriving.set(certificate.nodeId, der);
    this.#targets.learn(certificate);
    this.events.emit('learnt', known);
    return [
      { op: 'put', table: TABLE, key: certificate.nodeId, value: base64(der) },
      nameWrite(known, used),
      ...gone.flatMap((nodeId) => deletions(nodeId)),
    ];
  }

  async #names(): Promise<(KnownCertificate & { readonly used: number })[]> {
    const found: (KnownCertificate & { used: number })[] = [];
    for (let after = ''; ; ) {
      const rows = await this.#deps.ports.store.range(NAMES, { gt: after, limit: PAGE });
      for (const { key: nodeId, value } of rows) {
        const { key, name, used } = JSON.parse(value as string) as NameRow;
        found.push({ nodeId, keyId: key, name, used });
        after = nodeId;
      }
      if (rows.length < PAGE) return found;
    }
  }

  async #readUnnamed(): Promise<void> {
    const { store } = this.#deps.ports;
    for (let after = ''; ; ) {
      const rows = await store.range(TABLE, { gt: after, limit: PAGE });
      const writes: StoreWrite[] = [];
      for (const { key: nodeId, value } of rows) {
        after = nodeId;
        if (this.#shelf.peek(nodeId)) continue;
        const der = this.#shelf.size < this.#config.capacity ? fromBase64(value as string) : undefined;
        const certificate = der && (await this.#read(der));
        if (certificate) {
          const known = summary(certificate);
          this.#shelf.put(known, 0);
          writes.push(nameWrite(known, 0));
        } else writes.push(...deletions(nodeId));
      }
      await store.commit(writes);
      if (rows.length < PAGE) return;
    }
  }

  /** Certificates expire, and authorities are trusted no more. */
  async #judgeAgain(): Promise<void> {
    for (const nodeId of this.#shelf.ids()) {
      if (this.#scope.closed) return;
      const value = await this.#deps.ports.store.get(TABLE, nodeId);
      const der = typeof value === 'string' ? fromBase64(value) : undefined;
      if (der && (await this.#read(der))) continue;
      this.#shelf.delete(nodeId);
      await this.#deps.ports.store.commit(deletions(nodeId));
    }
  }

  async #saveUses(): Promise<void> {
    const uses = this.#shelf.takeUses(this.#config.saveUsesMs / 2);
    while (uses.length > 0) await this.#deps.ports.store.commit(uses.splice(0, PAGE).map(({ known, used }) => nameWrite(known, used)));
  }

  async #deleteAll(nodeIds: string[]): Promise<void> {
    while (nodeIds.length > 0) await this.#deps.ports.store.commit(nodeIds.splice(0, PAGE).flatMap((nodeId) => deletions(nodeId)));
  }

  #wall(): number {
    return this.#deps.ports.clock.now();
  }

  #watch(task: Promise<unknown>): void {
    this.#scope.run(task, (error) =>
      this.#deps.ports.log.warn('a certificate could not be asked for, given or kept', { error: String(error) }),
    );
  }
}
