import type { Identity } from '../../identity/identity.ts';
import type { Link } from '../../link/index.ts';
import { type CircuitCarrier, FLEETING, type Overlay } from '../../overlay/index.ts';
import { chain } from '../../util/awaitable.ts';
import { errorCode, ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';
import { Scope } from '../../util/scope.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import type { Message } from '../../wire/message.ts';
import type { AnyVerb, DataOf } from '../../wire/verb.ts';
import type { CircuitConfig } from './config.ts';
import { type Envelope, Envelopes } from './envelopes.ts';
import type { Hops } from './hops.ts';
import { Joints } from './joints.ts';
import { loadServing } from './load.ts';
import { LOOKUPS, Lookups } from './lookups.ts';
import type { OwnCircuit } from './own.ts';
import { type CircuitStatus, Pool, type PoolDeps } from './pool.ts';
import { CARRIED, CARRY, HIDDEN, REPORT, SOUGHT } from './verbs.ts';

export interface CircuitDeps
  extends Pick<PoolDeps, 'ports' | 'keys' | 'links' | 'verbs' | 'metrics' | 'wanted' | 'servers' | 'moreServers'> {
  readonly identity: Identity;
  readonly overlay: Overlay;
  /** Whether something that is said to a node is to go by circuit, if anything is. */
  readonly concerns: CircuitCarrier['hides'];
  /** As a hop: a link to a server. */
  readonly reach: (nodeId: string) => Promise<Link | undefined>;
  readonly used: (nodeId: string) => void;
  /** Whom to seal to. Errors: `unreachable`, `bad-certificate`. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** For others' circuits: what is found of a node in the network. */
  readonly record: (nodeId: string) => Promise<Uint8Array | undefined>;
  readonly certificate: (nodeId: string) => Promise<Uint8Array | undefined>;
}

const NONE_TRIED: ReadonlySet<string> = new Set();
/** Of a message with what is around it in HIDDEN. */
const MAX_HIDDEN_BYTES = HIDDEN.spec.maxBytes - 512;

/**
 * Circuits (S4, DESIGN section 9): what this node says to those whom it concerns goes through one to three servers of which each knows its neighbours
 * alone, one circuit for each recipient, so that no exit sees with whom else somebody talks. And this node is a hop of others' circuits.
 */
export class Circuits implements CircuitCarrier {
  readonly events: Emitter<{ changed: undefined }>;
  readonly #deps: CircuitDeps;
  readonly #config: CircuitConfig;
  readonly #scope: Scope;
  readonly #joints: Joints;
  readonly #pool: Pool;
  readonly #envelopes: Envelopes;
  #hops: Hops | undefined;
  readonly #lookups: Lookups;
  /** What waits for a circuit without being held anywhere else. */
  #uttered = 0;

  constructor(deps: CircuitDeps, config: CircuitConfig) {
    const { ports, identity, metrics, links, overlay } = deps;
    const { nodeId: self } = identity;
    this.#deps = deps;
    this.#config = config;
    this.#scope = new Scope(ports.clock);
    this.events = new Emitter((error) => ports.log.error('a listener failed', { error: String(error) }));
    const { maxQueuedBytes } = config;
    this.#joints = new Joints({
      self,
      links,
      overlay,
      random: ports.random,
      metrics,
      asked: (link, data) => {
        if (this.#hops) this.#hops.asked(link, data);
        else this.#joints.refuse(link.peer.nodeId, data.circuit, 'unsupported');
      },
      maxQueuedBytes,
    });
    this.#pool = new Pool(
      {
        ...deps,
        self,
        scope: this.#scope,
        joints: this.#joints,
        received: (circuit, verb, data) => this.#received(circuit, verb, data),
        made: ({ destination }) => {
          if (destination !== LOOKUPS) overlay.circuits.up(destination);
        },
        ended: ({ name }) => overlay.circuits.down(name),
        changed: () => this.events.emit('changed', undefined),
      },
      config,
    );
    this.#lookups = new Lookups(this.#pool, this.#scope, ports.random);
    this.#envelopes = new Envelopes(ports.random, config.maxEnvelopes);
    overlay.sealed.handle(HIDDEN, ({ data: { message, proof }, from }) =>
      chain(overlay.circuits.receive(from, message as JsonObject), (verdict) => ({ ...verdict, proof })),
    );
    overlay.circuits.use(this);
  }

  /** Begins to take part, as a hop of others' circuits where it is one. */
  async start(): Promise<void> {
    const { ports, identity } = this.#deps;
    if (this.#config.serves) {
      const { Exit, Hops } = await loadServing();
      const shared = { ...this.#deps, self: identity.nodeId, scope: this.#scope, joints: () => this.#joints };
      const exit = new Exit({ ...shared, log: ports.log, clock: ports.clock }, this.#config);
      this.#hops = new Hops({ ...shared, exit }, this.#config);
    }
    this.#scope.add(this.#deps.links.events.on('down', ({ link }) => this.#joints.down(link.peer.nodeId)));
  }

  async close(): Promise<void> {
    this.#pool.endAll('the node ends');
    this.#lookups.close();
    await this.#scope.close();
  }

  /** The user wants more hops, or fewer, or none: what there was serves no longer. */
  wantedChanged(): void {
    this.#pool.endAll('the setting has changed');
    this.#pool.afresh(true);
    this.#deps.overlay.circuits.changed();
  }

  /** One more server is known. */
  serverLearnt(): void {
    if (!this.#pool.troubled) return;
    this.#pool.afresh(false);
    this.#deps.overlay.circuits.changed();
  }

  status(): CircuitStatus {
    return this.#pool.status();
  }

  /** Whether lookups go by circuit. */
  get hidesLookups(): boolean {
    return this.#deps.wanted() > 0;
  }

  hides: CircuitCarrier['hides'] = (nodeId, about) => this.#deps.wanted() > 0 && this.#deps.concerns(nodeId, about);

  circuitTo(nodeId: string, tried: { has(name: string): boolean }, bytes: number): string | undefined {
    // It waits until catch-up brings it, in parts that are not too large.
    if (bytes > MAX_HIDDEN_BYTES) return undefined;
    const standing = this.#pool.standing(nodeId, tried);
    if (!standing) void this.#pool.make(nodeId);
    return standing?.name;
  }

  carry(name: string, json: string, receipts: boolean): boolean {
    const circuit = this.#pool.get(name);
    if (!circuit) return false;
    const message = JSON.parse(json) as Message;
    this.#scope.run(this.#put(circuit, message, { custody: true, receipt: receipts }), (error) => {
      const { circuits } = this.#deps.overlay;
      const { msg_id: msgId } = message.msg_data as { msg_id: string };
      const code = errorCode(error);
      // Where nothing can be sealed, nothing helps.
      if (code === 'bad-certificate') return circuits.failed(msgId, circuit.destination, code);
      // Its end was counted, and what it had goes by another already.
      if (circuit.over) return;
      this.#pool.failed(circuit.destination);
      circuits.refused(name, msgId, circuit.destination, code);
    });
    return true;
  }

  utter(nodeId: string, message: Message): boolean {
    const standing = this.#pool.standing(nodeId, NONE_TRIED);
    // What is fleeting is not worth a new circuit.
    if (!standing && message.msg_type === FLEETING.name) return false;
    if (this.#uttered >= this.#config.maxUttered) {
      this.#deps.metrics.reject('circuit-quota');
      return false;
    }
    this.#uttered++;
    const said = async (): Promise<void> => {
      const circuit = standing ?? (await this.#pool.make(nodeId));
      if (circuit) await this.#put(circuit, message, { custody: false });
    };
    this.#scope.run(
      said().finally(() => this.#uttered--),
      (error) => this.#deps.metrics.count('failures', errorCode(error)),
    );
    return true;
  }

  sentBefore(name: string): number {
    const { carriedTimeoutMs, maxCarriedTimeoutMs } = this.#config;
    const now = this.#deps.ports.clock.monotonic();
    const circuit = this.#pool.get(name);
    const onItsWay = !circuit || now - circuit.sentAt >= carriedTimeoutMs;
    return now - (onItsWay ? carriedTimeoutMs : maxCarriedTimeoutMs);
  }

  unreceipted(name: string): void {
    const circuit = this.#pool.about(name);
    if (circuit) this.#pool.shun(circuit);
  }

  doubt(name: string): void {
    const circuit = this.#pool.get(name);
    if (circuit) this.#pool.doubt(circuit);
  }

  /** Looks something up through a circuit, whose last hop does not learn who asks: see `Lookups.seek`. The answer proves nothing by itself. */
  seek: Lookups['seek'] = (target, what, signal) => this.#lookups.seek(target, what, signal);

  /** Seals a message whole to its recipient, as if the last hop had, and gives it to that. */
  async #put(circuit: OwnCircuit, message: Message, how: Pick<DataOf<typeof CARRY>, 'custody' | 'receipt'>): Promise<void> {
    const { overlay, target } = this.#deps;
    const { destination, exit } = circuit;
    const { msg_id: msgId = '' } = message.msg_data as { msg_id?: string };
    const { id, proof } = how.custody ? this.#envelopes.for(exit, destination, msgId) : this.#envelopes.once();
    const content = { proof, message: message as unknown as JsonObject };
    const sealed = await overlay.sealed.envelope(HIDDEN, content, await target(destination), { origin: exit, msgId: id });
    await circuit.say(CARRY, { msg_id: id, recipient_id: destination, ...how, sealed });
  }

  #received(circuit: OwnCircuit, verb: AnyVerb, data: JsonObject): void {
    const { circuits } = this.#deps.overlay;
    const { exit } = circuit;
    if (verb.name === CARRIED.name) {
      const { msg_id: id, reason } = data as DataOf<typeof CARRIED>;
      const envelope = this.#envelopes.get(exit, id);
      if (!envelope) return;
      if (reason === undefined) this.#carried(circuit, envelope);
      else this.#notCarried(circuit, envelope, reason);
    } else if (verb.name === REPORT.name) {
      const { report } = data as DataOf<typeof REPORT>;
      const told = circuits
        .reported(report as JsonObject, (id) => this.#envelopes.get(exit, id))
        .then((opened) => {
          for (const id of opened) {
            const envelope = this.#envelopes.get(exit, id);
            if (envelope) this.#envelopes.done(envelope);
            this.#pool.answered(circuit);
          }
        });
      this.#scope.run(told, (error) => this.#deps.metrics.count('failures', errorCode(error)));
    } else if (verb.name === SOUGHT.name) this.#lookups.sought(circuit, data as DataOf<typeof SOUGHT>);
    else throw new ParleyError('bad-message', `a last hop says ${verb.name}`);
  }

  #carried(circuit: OwnCircuit, { msgId, recipient }: Envelope): void {
    this.#pool.useful(circuit);
    this.#deps.overlay.circuits.acknowledged(circuit.name, msgId, recipient);
  }

  /** Whoever does not know the recipient is not to blame for it, nor whoever is busy, which strangers can make them. In each case the circuit is of no use. */
  #notCarried(circuit: OwnCircuit, { msgId, recipient }: Envelope, reason: string): void {
    this.#deps.overlay.circuits.refused(circuit.name, msgId, recipient, reason);
    this.#pool.refuse(circuit, reason === 'unknown destination' || reason === 'quota' ? [] : [circuit.exit]);
  }
}
