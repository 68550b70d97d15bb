import type { Certificate, CertificateReader } from '../../identity/certificate.ts';
import type { Identity } from '../../identity/identity.ts';
import type { Link } from '../../link/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import type { Awaitable } from '../../util/awaitable.ts';
import { base64, fromBase64 } from '../../util/base64.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { randomGuid } from '../../util/guid.ts';
import { Scope } from '../../util/scope.ts';
import type { DataOf } from '../../wire/verb.ts';
import { type CertificateConfig, certificateDefaults } from './config.ts';
import { CERTIFICATE, GETCERTIFICATE } from './verbs.ts';

const TABLE = 'certificates';
export const certificateTables: readonly TableSpec[] = [{ name: TABLE }];

export interface CertificateDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly reader: CertificateReader;
  /** Why a certificate is not trusted here (trust mode `ca`), or undefined. */
  readonly distrust: (certificate: Certificate) => Awaitable<string | undefined>;
}

/** Whose certificate was learnt, and the name in it. */
export interface KnownCertificate {
  readonly nodeId: string;
  readonly keyId: string;
  readonly name: string;
}

/** Certificates of other nodes, asked for and kept: they carry the name and the sealing key (S2 GETCERTIFICATE, CERTIFICATE). */
export class Certificates {
  readonly events: Emitter<{ learnt: KnownCertificate }>;
  readonly #deps: CertificateDeps;
  readonly #config: CertificateConfig;
  readonly #scope: Scope;
  readonly #known: LruMap<string, KnownCertificate>;
  readonly #asked = new LruMap<string, number>(10_000);
  readonly #answered = new LruMap<string, number>(10_000);

  constructor(deps: CertificateDeps, config: CertificateConfig = certificateDefaults) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.events = new Emitter((error) => deps.ports.log.error('a listener failed', { error: String(error) }));
    this.#known = new LruMap(config.capacity);
    deps.overlay.handle(GETCERTIFICATE, (arrival) => this.#onGet(arrival));
    deps.overlay.handle(CERTIFICATE, (arrival) => this.#onCertificate(arrival));
  }

  async start(): Promise<void> {
    for (const { value } of await this.#deps.ports.store.range(TABLE, { limit: this.#config.capacity })) {
      const der = fromBase64(value as string);
      const certificate = der && (await this.#read(der));
      if (certificate) this.#known.set(certificate.nodeId, summary(certificate));
    }
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** What is known of a node; undefined until its certificate came. */
  get(nodeId: string): KnownCertificate | undefined {
    return this.#known.get(nodeId);
  }

  /** A neighbour's certificate, as TLS proved it. */
  learn(link: Link): void {
    const { certificate } = link.peer;
    if (!certificate || this.#known.get(link.peer.nodeId)?.name === link.peer.name) return;
    this.#watch(
      this.#read(certificate).then(async (read) => {
        if (read) await this.#deps.ports.store.commit(this.#keep(read, certificate));
      }),
    );
  }

  /** Asks a node for its certificate, unless it is known or was asked lately. The answer comes as the event `learnt`. */
  fetch(nodeId: string): void {
    if (nodeId === this.#deps.identity.nodeId || this.#known.get(nodeId)) return;
    const now = this.#deps.ports.clock.monotonic();
    const asked = this.#asked.get(nodeId);
    if (asked !== undefined && now - asked < this.#config.askAgainMs) return;
    this.#asked.set(nodeId, now);
    const msgId = randomGuid(this.#deps.ports.random);
    this.#watch(
      this.#deps.overlay.entrust(GETCERTIFICATE, { msg_id: msgId, recipient_id: nodeId }, { msgId, recipients: [nodeId], receipts: false }),
    );
  }

  #onGet({ data, origin }: Arrival<DataOf<typeof GETCERTIFICATE>>): Verdict {
    const now = this.#deps.ports.clock.monotonic();
    const answered = this.#answered.get(origin);
    if (answered !== undefined && now - answered < this.#config.answerAgainMs)
      return { verdict: 'drop', reason: 'certificate-asked-again' };
    this.#answered.set(origin, now);
    const certificate = base64(this.#deps.identity.certificate);
    // Without custody: whoever does not get it asks again, and strangers who ask by the thousand cannot fill our outbox.
    this.#watch(this.#deps.overlay.send(CERTIFICATE, { msg_id: data.msg_id, recipient_id: origin, certificate }).then(() => {}));
    return ACCEPT;
  }

  #onCertificate({ data, origin }: Arrival<DataOf<typeof CERTIFICATE>>): Awaitable<Verdict> {
    // What nobody asked for would fill the disk.
    if (this.#asked.get(origin) === undefined) return { verdict: 'drop', reason: 'certificate-unasked' };
    const der = fromBase64(data.certificate);
    if (!der) return { verdict: 'drop', reason: 'bad-certificate' };
    return this.#read(der).then((certificate): Verdict => {
      // Signed by its holder or not believed: anybody can show somebody else's certificate.
      if (certificate?.nodeId !== origin) return { verdict: 'drop', reason: 'bad-certificate' };
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
    this.#known.set(certificate.nodeId, known);
    this.events.emit('learnt', known);
    return [{ op: 'put', table: TABLE, key: certificate.nodeId, value: base64(der) }];
  }

  #watch(task: Promise<void>): void {
    this.#scope.run(task, (error) =>
      this.#deps.ports.log.warn('a certificate could not be asked for, given or kept', { error: String(error) }),
    );
  }
}

function summary(certificate: Certificate): KnownCertificate {
  return { nodeId: certificate.nodeId, keyId: certificate.keyId, name: certificate.name ?? '' };
}
