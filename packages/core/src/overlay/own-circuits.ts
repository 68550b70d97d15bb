import { type Link, receive } from '../link/index.ts';
import type { Awaitable } from '../util/awaitable.ts';
import type { Metrics } from '../util/metrics.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Message } from '../wire/message.ts';
import type { OriginCheck, OriginProof } from '../wire/origin.ts';
import type { AnyVerb, DataOf, VerbRegistry } from '../wire/verb.ts';
import type { Verdict } from './arrival.ts';
import type { Custody } from './custody.ts';
import type { Directed } from './directed.ts';
import { NACK, namedIn, nodesIn, RECEIPT } from './verbs.ts';

/** What a circuit is called where others are called by node id. */
const CIRCUIT = 'circuit ';
export const circuitName = (id: string): string => CIRCUIT + id;
export const isCircuit = (name: string): boolean => name.startsWith(CIRCUIT);

/** What this node sends in its own name for somebody who is hidden, by what messages are grouped by: it goes its ordinary way. */
export const FOR_OTHERS = 'for others';

/** Carries own messages over circuits, so that nobody on the way sees both ends (DESIGN section 9). A feature does. Circuits go by name, as neighbours do by node id. */
export interface CircuitCarrier {
  /** Whether what this node says to another goes by circuit. `channelId`: the conversation that it belongs to, where it names one. */
  hides(nodeId: string, about: { readonly type: string; readonly channelId: string | undefined }): boolean;
  /** A circuit to a node, for a message of so many bytes, that stands and was not tried. Where there is none, one is made if that is possible, and `OwnCircuits.up` called. */
  circuitTo(nodeId: string, tried: { has(name: string): boolean }, bytes: number): string | undefined;
  /**
   * Gives a message to a circuit, for custody: `OwnCircuits.acknowledged` or `refused` follows. False where there is no such circuit. `receipts`: whether
   * its recipient is to answer.
   */
  carry(name: string, json: string, receipts: boolean): boolean;
  /** The same without custody, by whatever circuit there is, or a new one. False where it is lost. */
  utter(nodeId: string, message: Message): boolean;
  /** What was given to a circuit before this moment, monotonic, should have been acknowledged by now. */
  sentBefore(name: string): number;
  /** The last hop of a circuit acknowledged a message, of which no RECEIPT has come since. */
  unreceipted(name: string): void;
  /** Nothing comes back over a circuit. */
  doubt(name: string): void;
}

/** An own message on its way in an envelope. */
export interface InEnvelope {
  readonly msgId: string;
  readonly recipient: string;
  /** What whoever opens it repeats. */
  readonly proof: string;
}

export interface OwnCircuitsDeps {
  readonly self: string;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
  readonly custody: () => Custody;
  readonly directed: () => Directed;
  readonly prove: (verb: AnyVerb, message: Message, check: OriginCheck) => Awaitable<OriginProof>;
}

/** Between the overlay and whoever carries its messages over circuits. Without one nothing is hidden, and messages go as ever. */
export class OwnCircuits implements CircuitCarrier {
  readonly #deps: OwnCircuitsDeps;
  #carrier: CircuitCarrier | undefined;

  constructor(deps: OwnCircuitsDeps) {
    this.#deps = deps;
  }

  /** Declares who carries. */
  use(carrier: CircuitCarrier): void {
    this.#carrier = carrier;
  }

  hides: CircuitCarrier['hides'] = (nodeId, about) => about.channelId !== FOR_OTHERS && (this.#carrier?.hides(nodeId, about) ?? false);

  circuitTo(nodeId: string, tried: { has(name: string): boolean }, bytes: number): string | undefined {
    return this.#carrier?.circuitTo(nodeId, tried, bytes);
  }

  sentBefore(name: string): number {
    return this.#carrier?.sentBefore(name) ?? 0;
  }

  carry(name: string, json: string, receipts: boolean): boolean {
    return this.#carrier?.carry(name, json, receipts) ?? false;
  }

  utter(nodeId: string, message: Message): boolean {
    return this.#carrier?.utter(nodeId, message) ?? false;
  }

  unreceipted(name: string): void {
    this.#carrier?.unreceipted(name);
  }

  doubt(name: string): void {
    this.#carrier?.doubt(name);
  }

  /** A circuit to a node stands. */
  up(nodeId: string): void {
    this.#deps.custody().present(nodeId);
  }

  /** What is hidden, or how, has changed: what waits is looked at again. */
  changed(): void {
    this.#deps.custody().gatewayUp();
  }

  /** A circuit is gone: what its last hop had not acknowledged goes by another. */
  down(name: string): void {
    this.#deps.custody().neighbourDown(name);
  }

  /** The last hop of a circuit has custody of an own message. */
  acknowledged(name: string, msgId: string, recipient: string): void {
    this.#deps.custody().acknowledged(name, { msgIds: new Set([msgId]), origin: this.#deps.self, recipients: [recipient] });
  }

  /** The last hop of a circuit does not take it. */
  refused(name: string, msgId: string, recipient: string, reason: string): void {
    this.#deps.custody().refused(new Set([msgId]), new Set([recipient]), reason, name, name);
  }

  /** It can go by no circuit. */
  failed(msgId: string, recipient: string, reason: string): void {
    this.#deps.custody().refused(new Set([msgId]), new Set([recipient]), reason, recipient, undefined);
  }

  /**
   * What somebody has signed about envelopes, as the last hop of a circuit passes it on. `sent`: what was in one, by its id. A recipient is believed who proves
   * to have opened it: a last hop can have the same node sign something else under the same id. Resolves with the ids of what was opened.
   */
  async reported(raw: JsonObject, sent: (id: string) => InEnvelope | undefined): Promise<string[]> {
    const { verbs, metrics, prove } = this.#deps;
    const custody = this.#deps.custody();
    const unfit = (reason: string): string[] => {
      metrics.reject(reason);
      return [];
    };
    const received = receive(JSON.stringify(raw), verbs, 'open', () => true);
    if (received.rejected !== undefined || (received.verb !== RECEIPT && received.verb !== NACK)) return unfit('circuit-report');
    const { verb, message } = received;
    const { fault } = await prove(verb, message, 'delivery');
    if (fault !== undefined) return unfit(fault);
    const {
      node_id: by,
      recipient: list,
      state,
      reason = '',
      ...report
    } = message.msg_data as DataOf<typeof NACK> & DataOf<typeof RECEIPT>;
    const opened: string[] = [];
    for (const id of namedIn(report)) {
      const envelope = sent(id);
      if (!envelope || (list && !nodesIn(list).has(envelope.recipient))) continue;
      const { msgId, recipient, proof } = envelope;
      if (by === recipient && report.proof !== proof) {
        metrics.reject('circuit-proof');
        continue;
      }
      if (by === recipient) opened.push(id);
      const [msgIds, recipients] = [new Set([msgId]), new Set([recipient])];
      if (verb === NACK) custody.refused(msgIds, recipients, reason, by, undefined);
      else custody.receipted(msgIds, recipients, state, by);
    }
    return opened;
  }

  /** A whole message, as its origin signed it, that came by circuit: through the same steps as on a link. `from`: the link that brought its envelope. */
  receive(from: Link, raw: JsonObject): Awaitable<Verdict> {
    const received = receive(JSON.stringify(raw), this.#deps.verbs, 'open', () => true);
    if (received.rejected !== undefined) return { verdict: 'drop', reason: received.rejected };
    const { verb, message } = received;
    this.#deps.metrics.count('received', verb.name);
    if (verb.spec.reach !== 'directed') return { verdict: 'drop', reason: 'circuit-verb' };
    return this.#deps.directed().receiveHidden(from, verb, message);
  }
}
