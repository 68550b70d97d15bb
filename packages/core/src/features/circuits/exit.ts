import { FOR_OTHERS, type Overlay, SEALED } from '../../overlay/index.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { base64 } from '../../util/base64.ts';
import { LruMap, TokenBucket } from '../../util/bounded.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import { Tally } from '../../util/tally.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { AnyVerb, DataOf } from '../../wire/verb.ts';
import type { CircuitConfig } from './config.ts';
import { HeldForOthers } from './held-for-others.ts';
import { CARRIED, CARRY, REPORT, SEEK, SOUGHT } from './verbs.ts';

export interface ExitDeps {
  readonly self: string;
  readonly overlay: Overlay;
  readonly scope: Scope;
  readonly metrics: Metrics;
  readonly log: Log;
  readonly clock: Clock;
  /** The record of a node, and its certificate in DER, from the network; undefined where there is none. */
  readonly record: (nodeId: string) => Promise<Uint8Array | undefined>;
  readonly certificate: (nodeId: string) => Promise<Uint8Array | undefined>;
}

/** A circuit that ends here: how to say something to whoever made it. */
export interface ExitEnd {
  /** The node that the circuit comes from. */
  readonly neighbour: string;
  readonly say: (verb: AnyVerb, data: JsonObject) => void;
  /** Ids of messages, and the number of lookups, that are under way for it. */
  readonly carried: Set<string>;
  lookups: number;
  /** What it may ask for, by verb. */
  readonly quotas: Map<string, TokenBucket>;
}

const SWEEP_MS = 60_000;

/** What the last hop of a circuit does for its maker, of whom it knows nothing: sends envelopes in its own name, and looks nodes up. */
export class Exit {
  readonly #deps: ExitDeps;
  readonly #config: CircuitConfig;
  /** By message id: whom to tell what became of it. What is forgotten is delivered all the same. */
  readonly #carried: LruMap<string, { readonly recipient: string; end: ExitEnd }>;
  readonly #held: HeldForOthers;
  /** Message ids of envelopes that are being taken. */
  readonly #taking = new Set<string>();
  /** Lookups under way by neighbour: those for messages do not wait for what is only asked. */
  readonly #lookups = { [CARRY.name]: new Tally(), [SEEK.name]: new Tally() };

  constructor(deps: ExitDeps, config: CircuitConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#carried = new LruMap(config.maxCarried);
    this.#held = new HeldForOthers(deps, config, (msgId) => this.#carried.delete(msgId));
    deps.scope.add(this.#held.start());
    deps.scope.every(
      () => SWEEP_MS,
      () => this.#held.sweep(),
    );
    deps.metrics.gauge('circuit_held', () => this.#held.size);
    deps.scope.add(deps.overlay.events.on('report', ({ message, msgIds, by }) => this.#reported(message, msgIds, by)));
  }

  received(end: ExitEnd, verb: AnyVerb, data: JsonObject): void {
    if (verb.name === CARRY.name) this.#run(this.#carry(end, data as DataOf<typeof CARRY>));
    else if (verb.name === SEEK.name) this.#run(this.#seek(end, data as DataOf<typeof SEEK>));
    else throw new ParleyError('bad-message', `nobody says ${verb.name} to a last hop`);
  }

  async #carry(end: ExitEnd, data: DataOf<typeof CARRY>): Promise<void> {
    const { msg_id: msgId, recipient_id: recipient, custody, sealed } = data;
    const { self, overlay, metrics } = this.#deps;
    const fault = recipient === self ? 'hop-is-recipient' : this.#isWithin(end, CARRY) ? undefined : 'quota';
    if (fault === undefined && !custody) {
      metrics.count('circuit_carried', 'once');
      await overlay.send(SEALED, { msg_id: msgId, recipient: [{ node_id: recipient }], sealed }, FOR_OTHERS);
      return;
    }
    const reason = fault ?? (await this.#take(end, data));
    if (reason === undefined) metrics.count('circuit_carried', 'custody');
    else metrics.reject(`circuit-${reason}`);
    if (custody) end.say(CARRIED, { msg_id: msgId, ...(reason === undefined ? {} : { reason }) });
  }

  /** Takes custody. Resolves once the envelope is on disk, or else with the reason why not. */
  async #take(end: ExitEnd, data: DataOf<typeof CARRY>): Promise<string | undefined> {
    const { msg_id: msgId, recipient_id: recipient, receipt: receipts = true } = data;
    if (this.#taking.has(msgId)) return 'message-id';
    this.#taking.add(msgId);
    try {
      const holder = this.#held.recipientOf(msgId) ?? this.#carried.get(msgId)?.recipient;
      if (holder !== undefined && holder !== recipient) return 'message-id';
      if (!this.#mayCarry(end, msgId)) return 'quota';
      const reason = this.#held.recipientOf(msgId) === undefined ? await this.#hold(end, data) : undefined;
      if (reason !== undefined) return reason;
      // The same message again, by another circuit, while it is still here: its maker is told by this one from now on.
      const known = this.#carried.get(msgId);
      if (known) known.end = end;
      else if (receipts) this.#carried.set(msgId, { recipient, end });
      if (known || receipts) end.carried.add(msgId);
      return undefined;
    } finally {
      this.#taking.delete(msgId);
    }
  }

  async #hold(end: ExitEnd, { msg_id: msgId, recipient_id: recipient, receipt: receipts = true, sealed }: DataOf<typeof CARRY>) {
    const { overlay } = this.#deps;
    const isKnown = overlay.knows(recipient) || (await this.#look(end, CARRY, () => this.#deps.record(recipient)));
    if (isKnown === 'quota') return 'quota';
    // As for all that is directed (WIRE "ACK, NACK, RECEIPT"): what is for nobody whom anybody knows is not taken.
    if (!isKnown) return 'unknown destination';
    // An id of a message of this node itself.
    if (overlay.pendingRecipients(msgId).length > 0) return 'message-id';
    this.#held.admit(msgId, { recipient, bytes: sealed.length, receipts });
    try {
      const envelope = { msg_id: msgId, recipient: [{ node_id: recipient }], sealed };
      await overlay.entrust(SEALED, envelope, { msgId, recipients: [recipient], receipts, group: FOR_OTHERS });
      // It may have given way to newer ones before there was anything to withdraw.
      if (this.#held.recipientOf(msgId) === undefined) overlay.withdraw(msgId);
      return undefined;
    } catch (error) {
      this.#held.release(msgId);
      return errorCode(error);
    }
  }

  /** Whether a circuit may have one more message of which the fate is still to be told. */
  #mayCarry(end: ExitEnd, msgId: string): boolean {
    const { maxCarriedPerCircuit } = this.#config;
    if (end.carried.size < maxCarriedPerCircuit || end.carried.has(msgId)) return true;
    // Of some it is told by now, or by another circuit, or they were given up.
    for (const id of end.carried) if (this.#carried.get(id)?.end !== end) end.carried.delete(id);
    return end.carried.size < maxCarriedPerCircuit;
  }

  /**
   * What a recipient, or a node on the way, has signed about envelopes: whole, so that the maker can check it. One about envelopes of several makers stays
   * here: none is told of another's.
   */
  #reported(message: JsonObject, msgIds: ReadonlySet<string>, by: string): void {
    const all = [...msgIds].map((msgId) => ({ msgId, carried: this.#carried.get(msgId) }));
    const [end, ...others] = new Set(all.map(({ carried }) => carried?.end));
    if (end && others.length === 0) end.say(REPORT, { report: message });
    for (const { msgId, carried } of all) {
      if (by === carried?.recipient) this.#carried.delete(msgId);
    }
  }

  async #seek(end: ExitEnd, { seek_id: seekId, target, what }: DataOf<typeof SEEK>): Promise<void> {
    this.#deps.metrics.count('circuit_lookups', what);
    const found = this.#isWithin(end, SEEK) ? await this.#look(end, SEEK, () => this.#deps[what](target)) : 'quota';
    if (found === 'quota') this.#deps.metrics.reject('circuit-quota');
    end.say(SOUGHT, { seek_id: seekId, ...(found && found !== 'quota' ? { found: base64(found) } : {}) });
  }

  /** Looks something up in the network, of which one circuit, those of one neighbour, and all together, may ask so much at a time. */
  async #look(
    end: ExitEnd,
    { name }: typeof CARRY | typeof SEEK,
    look: () => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | 'quota' | undefined> {
    const { maxLookups, maxAllLookups, share } = this.#config;
    const lookups = this.#lookups[name];
    if (end.lookups >= maxLookups || lookups.total >= maxAllLookups || lookups.of(end.neighbour) >= maxAllLookups * share) return 'quota';
    end.lookups++;
    lookups.add(end.neighbour);
    const looked = look()
      .catch(() => undefined)
      .finally(() => {
        end.lookups--;
        lookups.add(end.neighbour, -1);
      });
    // Whoever asks takes silence for a fault of the circuit.
    return Promise.race([looked, this.#deps.scope.sleep(this.#config.lookupMs).then(() => undefined)]);
  }

  #isWithin({ quotas }: ExitEnd, { name, spec }: AnyVerb): boolean {
    const now = this.#deps.clock.monotonic();
    const quota = quotas.get(name) ?? new TokenBucket(spec.rate.perSecond, spec.rate.burst, now);
    quotas.set(name, quota);
    return quota.take(now);
  }

  #run(task: Promise<void>): void {
    const { scope, log } = this.#deps;
    scope.run(task, (error) => log.warn('an errand of a circuit failed', { code: errorCode(error) }));
  }
}
