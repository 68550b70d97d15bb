import type { CertificateReader } from '../../identity/certificate.ts';
import type { Identity } from '../../identity/identity.ts';
import { type Link, type Links, meantForUs } from '../../link/index.ts';
import { ACCEPT, type Arrival, type Overlay, type Verdict } from '../../overlay/index.ts';
import { type Connection, MEETING_TRANSPORT, type Meeting, type Ports, type Transport } from '../../ports/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import { randomGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import { Scope } from '../../util/scope.ts';
import { parseTimestamp } from '../../wire/message.ts';
import type { DataOf } from '../../wire/verb.ts';
import type { ConnectConfig } from './config.ts';
import { wholeSocket } from './socket.ts';
import { CONNECT } from './verbs.ts';

export interface ConnectDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly links: Links;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  readonly reader: CertificateReader;
  /** Whether a node may be told from where this one speaks. */
  readonly trusts: (nodeId: string) => boolean;
  /** Where this node is, and where it went by itself: says which private addresses of others it may open a connection with. */
  readonly places: () => readonly string[];
}

type Sockets = DataOf<typeof CONNECT>;

/** An own question, until there is a link or none. */
interface Asked {
  readonly msgId: string;
  readonly answered: (socket: string) => void;
}

/** Answered questions that are remembered. */
const REMEMBERED = 1000;

/**
 * Links between two nodes neither of which can be dialled (S2 CONNECT): through a server they tell each other the sockets that they opened, and open
 * one connection from both ends at once. Who asked does what the one who dials does.
 */
export class Connect {
  readonly #deps: ConnectDeps;
  readonly #config: ConnectConfig;
  readonly #scope: Scope;
  readonly #transport: Transport | undefined;
  /** By the node that was asked. */
  readonly #asked = new Map<string, Asked>();
  /** Nodes that asked, and with which a connection is being opened. */
  readonly #answering = new Set<string>();
  /** What gives up each attempt. */
  readonly #attempts = new Map<AbortController, string>();
  /** Signatures of questions that were answered. */
  readonly #answered = new LruMap<string, true>(REMEMBERED);

  constructor(deps: ConnectDeps, config: ConnectConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(deps.ports.clock);
    this.#transport = deps.ports.transports.find(({ meet }) => meet !== undefined);
    deps.overlay.handle(CONNECT, (arrival) => (arrival.data.dst === '' ? this.#onQuestion(arrival) : this.#onAnswer(arrival)));
  }

  close(): Promise<void> {
    return this.#scope.close();
  }

  /** Whether a node can be asked now. */
  mayReach(nodeId: string): boolean {
    const { overlay, trusts } = this.#deps;
    return this.#hasRoom(nodeId) && !this.#asked.has(nodeId) && trusts(nodeId) && overlay.reaches(nodeId);
  }

  /** A link with a node, opened from both ends. Undefined where there is none in time. */
  async reach(nodeId: string): Promise<Link | undefined> {
    const { identity, links, overlay, ports } = this.#deps;
    if (!this.mayReach(nodeId)) return undefined;
    const msgId = randomGuid(ports.random);
    const answer = new Promise<string>((answered) => this.#asked.set(nodeId, { msgId, answered }));
    const ask = async (port: number): Promise<string> => {
      const asked = { msg_id: msgId, src_node_id: identity.nodeId, dst_node_id: nodeId, dst: '', src: String(port) };
      if (!(await overlay.send(CONNECT, asked))) throw new ParleyError('unreachable', 'there is no way to the node');
      return answer;
    };
    const link = await this.#meet(nodeId, true, ask).finally(() => this.#asked.delete(nodeId));
    // The other side may have asked at the same time, and that made it.
    return link ?? links.get(nodeId);
  }

  /** Those who may know from where this user speaks have changed: what others began or have by it ends. */
  reconsider(): void {
    const { links, trusts } = this.#deps;
    for (const [controller, nodeId] of this.#attempts)
      if (!trusts(nodeId)) controller.abort(new ParleyError('aborted', 'no longer wanted'));
    for (const link of links.all())
      if (link.connection.transport === MEETING_TRANSPORT && !trusts(link.peer.nodeId)) links.close(link, 'no longer wanted');
  }

  #onQuestion({ data, origin, message }: Arrival<Sockets>): Verdict {
    const { identity, overlay, ports, trusts } = this.#deps;
    const drop = (reason: string): Verdict => ({ verdict: 'drop', reason: `connect-${reason}` });
    // By an answer it would learn where this user is.
    if (!trusts(origin)) return drop('unwanted');
    const { sig, time } = message.auth ?? { sig: '', time: '' };
    if (Math.abs(ports.clock.now() - (parseTimestamp(time) ?? 0)) > this.#config.freshMs) return drop('stale');
    if (this.#answered.get(sig)) return drop('again');
    const socket = this.#towards(data.src);
    if (socket === undefined) return drop('nowhere');
    // Of two who ask each other at the same time, the question of the lower node id stands.
    if (this.#asked.has(origin) && identity.nodeId < origin) return drop('crossed');
    if (!this.#hasRoom(origin)) return drop('busy');
    this.#answered.set(sig, true);
    this.#answering.add(origin);
    const answer = async (port: number): Promise<string> => {
      await overlay.send(CONNECT, { ...data, dst: String(port) });
      return socket;
    };
    this.#scope.run(
      this.#meet(origin, false, answer).finally(() => this.#answering.delete(origin)),
      (error) => ports.log.error('a question for a connection could not be answered', { error: String(error) }),
    );
    return ACCEPT;
  }

  #onAnswer({ data, origin }: Arrival<Sockets>): Verdict {
    const asked = this.#asked.get(origin);
    // Who was trusted when it was asked may be so no longer.
    if (!asked || asked.msgId !== data.msg_id || !this.#deps.trusts(origin)) return { verdict: 'drop', reason: 'connect-unasked' };
    const socket = this.#towards(data.dst);
    if (socket === undefined) return { verdict: 'drop', reason: 'connect-nowhere' };
    asked.answered(socket);
    return ACCEPT;
  }

  /** A socket that somebody named, where it is one with which this node opens a connection. */
  #towards(socket: string): string | undefined {
    const whole = wholeSocket(socket);
    return whole !== undefined && meantForUs([`${this.#transport?.name}:${whole}`], this.#deps.places()).length > 0 ? whole : undefined;
  }

  #hasRoom(nodeId: string): boolean {
    if (!this.#transport || this.#scope.closed || this.#deps.links.get(nodeId) || this.#answering.has(nodeId)) return false;
    return this.#asked.size + this.#answering.size < this.#config.maxAtOnce;
  }

  /** Takes a port, and opens a connection from it with the other side's socket, which `agree` learns. */
  async #meet(nodeId: string, dials: boolean, agree: (port: number) => Promise<string>): Promise<Link | undefined> {
    const { links, metrics, ports } = this.#deps;
    const controller = new AbortController();
    this.#attempts.set(controller, nodeId);
    const abort = (): void => controller.abort(this.#scope.signal.reason);
    const timer = this.#scope.after(this.#config.timeoutMs, () => controller.abort(new ParleyError('timeout', 'no connection in time')));
    this.#scope.signal.addEventListener('abort', abort, { once: true });
    let meeting: Meeting | undefined;
    let outcome = 'unanswered';
    try {
      meeting = await this.#transport?.meet?.();
      if (!meeting) return undefined;
      const socket = await unlessAborted(agree(meeting.port), controller.signal);
      outcome = 'failed';
      const isMeant = (connection: Connection): Promise<boolean> => this.#isWith(nodeId, connection);
      const connection = await meeting.open(socket, { dials, isMeant, signal: controller.signal });
      const link = await links.adopt(connection, controller.signal);
      outcome = 'open';
      return link;
    } catch (error) {
      ports.log.debug('no connection was opened from both ends', { nodeId, code: errorCode(error) });
    } finally {
      timer.cancel();
      this.#attempts.delete(controller);
      this.#scope.signal.removeEventListener('abort', abort);
      meeting?.close();
      metrics.count('connects', outcome);
    }
    return undefined;
  }

  /** Before there is a link: one with somebody else would take the place of that which stands with them. Rejects where there is no telling. */
  async #isWith(nodeId: string, { peerCertificate }: Connection): Promise<boolean> {
    const { metrics, reader } = this.#deps;
    if (peerCertificate && (await reader.parse(peerCertificate)).nodeId === nodeId) return true;
    metrics.reject('connect-not-theirs');
    return false;
  }
}

/** What a promise resolves with, or the reason of a signal that aborts first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(ParleyError.from(signal.reason));
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}
