import type { Links } from '../link/index.ts';
import type { Clock } from '../ports/clock.ts';
import type { Metrics } from '../util/metrics.ts';
import type { Message } from '../wire/message.ts';
import type { VerbRegistry } from '../wire/verb.ts';
import type { Directions } from './directions.ts';
import type { LateReports } from './late-reports.ts';
import type { CircuitCarrier } from './own-circuits.ts';
import { NACK, RECEIPT } from './verbs.ts';
import type { Passage } from './ways.ts';

export interface PassingDeps {
  readonly clock: Clock;
  readonly links: Links;
  readonly metrics: Metrics;
  readonly verbs: VerbRegistry;
  readonly directions: Directions;
  /** What is hidden goes by circuit or not at all. */
  readonly circuits: Pick<CircuitCarrier, 'hides' | 'utter'>;
  /** Reports that found no way wait here. */
  readonly late: LateReports;
}

const NOTHING_TRIED: ReadonlySet<string> = new Set();

/** Messages without custody, one hop on. */
export class Passing {
  readonly #deps: PassingDeps;

  constructor(deps: PassingDeps) {
    this.#deps = deps;
  }

  /** `from`: the neighbour that brought it; undefined for our own, of which `group` may say to what it belongs. False when there is no way. */
  pass(recipient: string, message: Message, from: string | undefined, toward: string | undefined, group?: string): boolean {
    if (from === undefined && this.#isHidden(recipient, message, group)) return this.#deps.circuits.utter(recipient, message);
    const hop = this.#hop(recipient, message, from, toward);
    if (hop) return this.#send(hop, message);
    if (message.msg_type === RECEIPT.name || message.msg_type === NACK.name)
      this.#deps.late.hold(recipient, { message, from }, this.#deps.clock.monotonic());
    return false;
  }

  /** The same of a split verb: one copy for each next hop, for those who lie that way. Returns those to whom there is none. */
  passSplit(recipients: readonly string[], message: Message, from: string | undefined, toward: string | undefined): string[] {
    const hops = new Map<string, { readonly hop: Hop; readonly nodeIds: string[] }>();
    const lost: string[] = [];
    for (const nodeId of recipients) {
      if (from === undefined && this.#isHidden(nodeId, message)) {
        const copy = { ...message, msg_data: { ...message.msg_data, recipient: [{ node_id: nodeId }] } };
        if (!this.#deps.circuits.utter(nodeId, copy)) lost.push(nodeId);
        continue;
      }
      const hop = this.#hop(nodeId, message, from, toward);
      if (!hop) {
        lost.push(nodeId);
        continue;
      }
      const key = `${hop.neighbour} ${hop.through ?? ''}`;
      const group = hops.get(key) ?? { hop, nodeIds: [] };
      group.nodeIds.push(nodeId);
      hops.set(key, group);
    }
    for (const { hop, nodeIds } of hops.values()) {
      const recipient = nodeIds.map((nodeId) => ({ node_id: nodeId }));
      if (!this.#send(hop, { ...message, msg_data: { ...message.msg_data, recipient } })) lost.push(...nodeIds);
    }
    return lost;
  }

  #isHidden(recipient: string, { msg_type: type, msg_data: data }: Message, group = data.channel_id as string | undefined): boolean {
    return this.#deps.circuits.hides(recipient, { type, channelId: group });
  }

  #hop(recipient: string, { via }: Message, from: string | undefined, toward: string | undefined): Hop | undefined {
    const passage: Passage = { own: from === undefined, from, via: via || [], tried: NOTHING_TRIED, toward };
    const way = this.#deps.directions.ways.next(recipient, passage);
    return way && this.#deps.links.get(way.neighbour) ? { neighbour: way.neighbour, through: way.through } : undefined;
  }

  #send({ neighbour, through }: Hop, message: Message): boolean {
    const { links, metrics, verbs } = this.#deps;
    const addressed = through === undefined ? message : { ...message, toward: through };
    metrics.count('sent', message.msg_type);
    return links.get(neighbour)?.send(JSON.stringify(addressed), verbs.get(message.msg_type)?.kind) ?? false;
  }
}

/** The next node, and the server to which a message is addressed anew on the way. */
interface Hop {
  readonly neighbour: string;
  readonly through: string | undefined;
}
