import type { Link, Links } from '../link/index.ts';
import type { Ports } from '../ports/index.ts';
import { type Awaitable, chain, isPromise } from '../util/awaitable.ts';
import { LruMap } from '../util/bounded.ts';
import type { Metrics } from '../util/metrics.ts';
import type { JsonObject } from '../wire/json.ts';
import type { Message } from '../wire/message.ts';
import type { OriginCheck, OriginProof } from '../wire/origin.ts';
import { type AnyVerb, type DataOf, originOf, recipientsOf } from '../wire/verb.ts';
import { Acks } from './acks.ts';
import { ACCEPT, type Arrival, type Verdict } from './arrival.ts';
import { bodyOf, dataJson, onward } from './body.ts';
import type { Custody } from './custody.ts';
import type { OriginQuotas } from './origin-quotas.ts';
import type { Passing } from './passing.ts';
import type { Reports } from './reports.ts';
import { UnderWay } from './under-way.ts';
import { NACK, namedIn, nodesIn } from './verbs.ts';

const NOTHING_DUE: Done = { receipt: false, proof: undefined };

/** What a message costs the pace of its link that would have been stored and is not from its origin, in units (`LinkConfig.clientRate`). */
const FORGERY_UNITS = 20;

export interface DirectedDeps {
  readonly ports: Ports;
  readonly links: Links;
  readonly metrics: Metrics;
  readonly self: string;
  readonly relays: boolean;
  /** See `OverlayConfig`. */
  readonly underWayBytes: number;
  readonly custody: Custody;
  readonly reports: Reports;
  readonly prove: (verb: AnyVerb, message: Message, check: OriginCheck) => Awaitable<OriginProof>;
  readonly quotas: OriginQuotas;
  /** The feature's decision on what reached us. */
  readonly decide: (verb: AnyVerb, arrival: Arrival) => Awaitable<Verdict>;
  readonly passing: Passing;
  readonly failed: (error: unknown) => void;
}

/** What was done with a message: whether a RECEIPT was due, and with which proof. */
interface Done {
  readonly receipt: boolean;
  readonly proof: string | undefined;
}

/** Who is told what became of a message that reached us: its origin. */
type Answers = Pick<Reports, 'receipt' | 'nack'>;

/** Directed messages on receipt: ours are delivered once, others' are taken into custody or passed on (DESIGN section 5; WIRE "ttl", "ACK"). */
export class Directed {
  readonly #deps: DirectedDeps;
  /** Delivered lately, by uid. */
  readonly #delivered = new LruMap<string, Done>(50_000);
  readonly #delivering = new Map<string, Promise<unknown>>();

  readonly #acks: Acks;
  readonly #underWay: UnderWay;

  constructor(deps: DirectedDeps) {
    this.#deps = deps;
    this.#acks = new Acks(deps.self);
    this.#underWay = new UnderWay(deps.underWayBytes, (link, ms) => deps.links.rest(link, ms));
    deps.metrics.gauge('under_way_bytes', () => this.#underWay.bytes);
  }

  /** `bytes`: how long the message is. Settles when it is done with. */
  receive(link: Link, verb: AnyVerb, message: Message, bytes: number): Promise<void> {
    return this.#underWay.add(link, bytes, this.#receive(link, verb, message));
  }

  async #receive(link: Link, verb: AnyVerb, message: Message): Promise<void> {
    const { links, metrics, self } = this.#deps;
    const origin = originOf(verb, message.msg_data as JsonObject);
    if (!link.peer.relays && origin !== link.peer.nodeId) {
      links.offend(link, 'not-own-name', 5);
      return;
    }
    const recipients = [...new Set(recipientsOf(verb, message.msg_data))];
    const forUs = recipients.includes(self);
    const others = recipients.filter((recipient) => recipient !== self);
    if (verb.spec.acked) await this.#receiveAcked(link, verb, message, origin, forUs, others);
    else if (message.ttl <= 0) metrics.reject('ttl');
    else if (verb.spec.split) {
      this.#passOnSplit(link, message, others);
      if (forUs) await this.#deliver(link, verb, message, origin);
    } else if (forUs) await this.#deliver(link, verb, message, origin);
    else for (const recipient of others) this.#passOn(link, verb, message, recipient);
  }

  /**
   * A message for us that came by circuit, in an envelope of the last hop. It is the envelope that is answered: answers to the origin would show on
   * their way who is hidden.
   */
  async receiveHidden(from: Link, verb: AnyVerb, message: Message): Promise<Verdict> {
    const { custody, self } = this.#deps;
    const origin = originOf(verb, message.msg_data);
    if (origin === self || !recipientsOf(verb, message.msg_data).includes(self)) return { verdict: 'drop', reason: 'circuit-recipient' };
    // Nobody has seen from where it came.
    if (verb.spec.seenFrom) return { verdict: 'drop', reason: 'circuit-unseen' };
    let answer: Verdict = ACCEPT;
    const answers: Answers = {
      receipt: () => {
        answer = { verdict: 'accept', receipt: true };
      },
      nack: (_origin, _recipient, _msgId, reason) => {
        answer = { verdict: 'refuse', reason };
      },
    };
    if (!verb.spec.acked) await this.#deliver(from, verb, message, origin, answers);
    else {
      const uid = custody.uidOf(verb.name, origin, dataJson(verb, message.msg_data), message.auth);
      if (!(await this.#deliverOnce(from, verb, message, origin, uid, answers))) return { verdict: 'later', reason: 'circuit-later' };
    }
    return answer;
  }

  /** A verb with custody: deliver our part, take the rest, acknowledge both, refuse what we cannot answer for. */
  async #receiveAcked(
    link: Link,
    verb: AnyVerb,
    message: Message,
    origin: string,
    forUs: boolean,
    others: readonly string[],
  ): Promise<void> {
    const { custody, reports, metrics, links, self, failed } = this.#deps;
    const { msg_id: msgId } = message.msg_data as { msg_id: string };
    if (message.ttl <= 0) {
      metrics.reject('ttl');
      // Not for ourselves: nothing shows yet that the origin sent it, and our NACK would have weight.
      for (const recipient of others) reports.nack(origin, recipient, msgId, 'ttl');
      return;
    }
    const data = dataJson(verb, message.msg_data);
    const uid = custody.uidOf(verb.name, origin, data, message.auth);
    const accepted: string[] = [];
    // One that fails (a full disk) must not keep the other's ACK back.
    const jobs: Promise<void>[] = [];
    if (forUs) {
      const delivered = this.#deliverOnce(link, verb, message, origin, uid);
      jobs.push(delivered.then((taken) => void (taken && accepted.push(self))).catch(failed));
    }
    if (others.length > 0 && this.#mayPassOn(message, others, origin, msgId)) {
      const next = onward(message, self);
      const body = bodyOf(next, data);
      const prove = () => chain(this.#deps.prove(verb, message, 'storing'), ({ fault }) => fault);
      const { toward } = message;
      const from = link.peer.nodeId;
      const offer = { uid, type: verb.name, origin, msgId, from, via: next.via || [], toward, recipients: others, body, prove };
      const taken = custody.take(offer).then(({ accepted: held, unproved, refused }) => {
        accepted.push(...held);
        if (unproved !== undefined) {
          // No offence: the neighbour did not have to check it. But it made work for nothing.
          metrics.reject(unproved);
          links.charge(link, FORGERY_UNITS);
        }
        for (const { recipient, reason } of refused) {
          metrics.reject(reason);
          reports.nack(origin, recipient, msgId, reason);
        }
      });
      jobs.push(taken.catch(failed));
    }
    await (jobs.length === 1 ? jobs[0] : Promise.all(jobs));
    if (accepted.length > 0) this.#acks.add(link, origin, msgId, verb.spec.split ? accepted : undefined);
  }

  #mayPassOn(message: Message, others: readonly string[], origin: string, msgId: string): boolean {
    const { relays, metrics, reports } = this.#deps;
    const reason = !relays ? 'not-a-relay' : message.ttl <= 1 ? 'ttl' : undefined;
    if (reason === undefined) return true;
    metrics.reject(reason);
    for (const recipient of others) reports.nack(origin, recipient, msgId, reason);
    return false;
  }

  /** Hands an acked message to its feature, once. Resolves with whether it may be acknowledged; rejects when it could not be kept. */
  async #deliverOnce(
    link: Link,
    verb: AnyVerb,
    message: Message,
    origin: string,
    uid: string,
    answers: Answers = this.#deps.reports,
  ): Promise<boolean> {
    const { metrics, self } = this.#deps;
    // Again after each wait: of several that waited for one, or came in one instant, one goes on.
    for (let other = this.#delivering.get(uid); other; other = this.#delivering.get(uid)) {
      await other.catch(() => {
        // Whoever brought that one hears of it.
      });
    }
    const done = this.#delivered.get(uid);
    if (done !== undefined) {
      metrics.count('duplicates', verb.name);
      if (done.receipt) answers.receipt(origin, self, (message.msg_data as { msg_id: string }).msg_id, 'delivered', done.proof);
      return true;
    }
    const delivery = this.#deliver(link, verb, message, origin, answers);
    this.#delivering.set(uid, delivery);
    try {
      const outcome = await delivery;
      if (outcome === 'later') return false;
      this.#delivered.set(uid, outcome);
      return true;
    } finally {
      this.#delivering.delete(uid);
    }
  }

  /** Proves the origin and lets the feature decide. Resolves, with everything on disk, with what was done, or that it must come again. */
  async #deliver(
    link: Link,
    verb: AnyVerb,
    message: Message,
    origin: string,
    answers: Answers = this.#deps.reports,
  ): Promise<Done | 'later'> {
    const { ports, metrics, self, prove, quotas } = this.#deps;
    const checked = prove(verb, message, 'delivery');
    const proof = isPromise(checked) ? await checked : checked;
    if (proof.fault !== undefined) {
      metrics.reject(proof.fault);
      return NOTHING_DUE;
    }
    if (!quotas.take(verb, origin, ports.clock.monotonic())) {
      metrics.reject('quota-origin');
      return 'later';
    }
    const decided = this.#deps.decide(verb, { data: message.msg_data, message, origin, from: link, jws: proof.jws });
    const verdict = isPromise(decided) ? await decided : decided;
    const { msg_id: msgId } = message.msg_data as { msg_id: string };
    if (verdict.verdict !== 'accept') {
      metrics.reject(verdict.reason);
      if (verdict.verdict === 'refuse' && verb.spec.acked) answers.nack(origin, self, msgId, verdict.reason, verdict.proof);
      return verdict.verdict === 'later' ? 'later' : NOTHING_DUE;
    }
    if (verdict.writes && verdict.writes.length > 0) {
      try {
        const kept = ports.store.commit(verdict.writes);
        verdict.coming?.();
        await kept;
      } catch (error) {
        verdict.failed?.();
        throw error;
      }
    }
    verdict.done?.();
    if (verdict.receipt) answers.receipt(origin, self, msgId, 'delivered', verdict.proof);
    return { receipt: verdict.receipt === true, proof: verdict.proof };
  }

  /** Somebody else's message without custody goes on. A neighbour's NACK for what we hold from it ends here: we answer for it. */
  #passOn(link: Link, verb: AnyVerb, message: Message, recipient: string): void {
    const { relays, metrics, custody, passing, self } = this.#deps;
    const neighbour = link.peer.nodeId;
    if (!relays) {
      metrics.reject('not-a-relay');
      return;
    }
    if (verb.name === NACK.name) {
      const nack = message.msg_data as DataOf<typeof NACK>;
      const recipients = nack.recipient && nodesIn(nack.recipient);
      if (nack.node_id === neighbour && custody.refused(namedIn(nack), recipients, nack.reason ?? '', neighbour, neighbour)) return;
    }
    if (message.ttl <= 1) metrics.reject('ttl');
    else if (!passing.pass(recipient, onward(seenHere(link, verb, message), self), neighbour, message.toward)) metrics.reject('no-route');
  }

  /** The same of a split verb, to those who are not this node. */
  #passOnSplit(link: Link, message: Message, others: readonly string[]): void {
    const { links, relays, metrics, passing, self } = this.#deps;
    if (others.length === 0) return;
    // Its origin is not proved here: many copies must cost the neighbour what it would to send them one by one.
    if (others.length > 1) links.charge(link, others.length - 1);
    if (!relays) metrics.reject('not-a-relay');
    else if (message.ttl <= 1) metrics.reject('ttl');
    else for (const _ of passing.passSplit(others, onward(message, self), link.peer.nodeId, message.toward)) metrics.reject('no-route');
  }
}

/** A message, completed by what only the first forwarder can know: from which host its origin speaks. */
function seenHere({ peer, connection }: Link, verb: AnyVerb, message: Message): Message {
  const complete = verb.spec.seenFrom as ((data: JsonObject, host: string) => JsonObject) | undefined;
  if (!complete || originOf(verb, message.msg_data) !== peer.nodeId) return message;
  const { remoteAddress } = connection;
  return { ...message, msg_data: complete(message.msg_data, remoteAddress.slice(0, remoteAddress.lastIndexOf(':'))) };
}
