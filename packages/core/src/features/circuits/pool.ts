import type { KeyBook } from '../../identity/ids.ts';
import type { Links } from '../../link/index.ts';
import { circuitName, type Whereabouts } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import { LruMap } from '../../util/bounded.ts';
import { ParleyError } from '../../util/errors.ts';
import { randomGuid } from '../../util/guid.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { AnyVerb, VerbRegistry } from '../../wire/verb.ts';
import { Blame } from './blame.ts';
import { chooseHops, networksOf } from './choose.ts';
import type { CircuitConfig } from './config.ts';
import type { Joints } from './joints.ts';
import { loadMaking } from './load.ts';
import type { HopServer, OwnCircuit } from './own.ts';
import { Trials } from './trials.ts';

/** How own circuits stand. */
export interface CircuitStatus {
  readonly wanted: number;
  readonly circuits: readonly { readonly destination: string; readonly hops: readonly string[]; readonly ageMs: number }[];
  /** Why there is none where one is wanted. */
  readonly trouble: string | undefined;
}

/** HELLO says so of servers that are hops (DESIGN section 4: features are offered as attributes). */
export const CIRCUITS_ATTRIBUTE = 'circuits';

export interface PoolDeps {
  readonly ports: Ports;
  readonly self: string;
  readonly keys: KeyBook;
  readonly links: Links;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly joints: Joints;
  /** Hops that the user wants; 0: no circuits. */
  readonly wanted: () => number;
  /** Servers whose records are held. */
  readonly servers: () => readonly Whereabouts[];
  /** Asks neighbours which others there are. */
  readonly moreServers: () => void;
  /** The last hop of a circuit said something. */
  readonly received: (circuit: OwnCircuit, verb: AnyVerb, data: JsonObject) => void;
  readonly made: (circuit: OwnCircuit) => void;
  readonly ended: (circuit: OwnCircuit) => void;
  /** What `status` gives may be another. */
  readonly changed: () => void;
}

const SWEEP_MS = 10_000;
const DOUBTED = 1000;
const DOUBTED_MS = 10 * 60_000;
/** Servers to choose from: with fewer, neighbours are asked for more, again at once when they brought some and after a while when they did not. */
const ENOUGH = 16;
const ASK_AGAIN_MS = 10 * 60_000;
/** So long after asking neighbours for more servers it is looked whether they know any. */
const MORE_MS = 2000;

/** The circuits of this node: one for each node that it writes to, made when it is needed. */
export class Pool {
  readonly #deps: PoolDeps;
  readonly #config: CircuitConfig;
  readonly #own = new Map<string, OwnCircuit>();
  /** By destination: the circuit that is being made. */
  readonly #making = new Map<string, Promise<OwnCircuit | undefined>>();
  readonly #blame = new Blame({ capacity: DOUBTED, keepMs: DOUBTED_MS });
  readonly #trials: Trials;
  /** Circuits that have ended, by name. */
  readonly #past = new LruMap<string, Pick<OwnCircuit, 'destination' | 'hops'>>(DOUBTED);
  #trouble: string | undefined;
  /** Servers that were known when neighbours were last asked, and when that was, monotonic. */
  #asked = { known: -1, at: Number.NEGATIVE_INFINITY };

  constructor(deps: PoolDeps, config: CircuitConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#trials = new Trials(config);
    deps.metrics.gauge('circuits_own', () => this.#own.size);
    deps.scope.every(
      () => SWEEP_MS,
      () => this.#sweep(),
    );
  }

  get(name: string): OwnCircuit | undefined {
    return this.#own.get(name);
  }

  /** Whom a circuit was for, and its hops, also when it has ended. */
  about(name: string): Pick<OwnCircuit, 'destination' | 'hops'> | undefined {
    return this.#own.get(name) ?? this.#past.get(name);
  }

  endAll(reason: string): void {
    for (const circuit of [...this.#own.values()]) this.#retire(circuit, reason);
  }

  /** Whether circuits could not be made. */
  get troubled(): boolean {
    return this.#trouble !== undefined;
  }

  /** See `Trials.afresh`. */
  afresh(all: boolean): void {
    this.#trials.afresh(all);
    this.#trouble = undefined;
  }

  status(): CircuitStatus {
    const now = this.#now();
    const circuits = [...this.#own.values()].map(({ destination, hops, madeAt }) => ({ destination, hops, ageMs: now - madeAt }));
    const wanted = this.#deps.wanted();
    // Nobody has to have needed one to be told that there can be none.
    const trouble = wanted === 0 ? undefined : (this.#trouble ?? (this.#choose('') ? undefined : this.#tooFew()));
    return { wanted, circuits, trouble };
  }

  /** Nothing comes back over a circuit: whichever of its hops it is. */
  doubt(circuit: OwnCircuit): void {
    this.#blame.failed(circuit.hops, this.#now());
    circuit.blameless = false;
    circuit.end('it does not answer');
  }

  /** The last hop does not do what it is for. `blamed`: which hops are to be avoided for that. */
  refuse(circuit: OwnCircuit, blamed: readonly string[]): void {
    if (blamed.length > 0) this.#blame.failed(blamed, this.#now());
    circuit.blameless = false;
    circuit.end('its last hop refuses');
  }

  /** The last hop has done what it is for, as far as it says. */
  useful(circuit: OwnCircuit): void {
    circuit.blameless = true;
    this.#trials.useful(circuit.destination);
  }

  /** It has: there is an answer from where the circuit was to lead. */
  answered({ destination }: OwnCircuit): void {
    this.#trials.answered(destination);
  }

  /** There is none in time. The recipient may be away; or a hop has acknowledged, and dropped it. */
  shun({ destination, hops }: Pick<OwnCircuit, 'destination' | 'hops'>): void {
    this.#trials.shun(destination, hops);
  }

  /** A circuit was of no use, through no fault of its hops or in a way of which more is to be expected: the next one waits, longer each time. */
  failed(destination: string): void {
    this.#trials.inVain(destination, this.#now());
  }

  /** A circuit that is not too old, and not among `tried`. */
  standing(destination: string, tried: { has(name: string): boolean }): OwnCircuit | undefined {
    const oldest = this.#now() - this.#config.freshMs;
    for (const circuit of this.#own.values()) {
      if (circuit.destination === destination && !circuit.over && circuit.madeAt > oldest && !tried.has(circuit.name)) return circuit;
    }
    return undefined;
  }

  /** Undefined where none can be made now. */
  make(destination: string): Promise<OwnCircuit | undefined> {
    const making = this.#making.get(destination);
    if (making) return making;
    if (!this.#trials.mayTry(destination, this.#now()) || this.#deps.scope.closed) return Promise.resolve(undefined);
    const made = this.#try(destination).finally(() => this.#making.delete(destination));
    this.#making.set(destination, made);
    this.#deps.scope.run(made, (error) => this.#deps.ports.log.warn('a circuit could not be made', { error: String(error) }));
    return made;
  }

  async #try(destination: string): Promise<OwnCircuit | undefined> {
    const failed = new Set<string>();
    this.#learnMore();
    for (let attempt = 0; attempt < this.#config.attempts && this.#deps.wanted() > 0 && !this.#deps.scope.closed; attempt++) {
      const hops = this.#choose(destination, failed);
      if (!hops) {
        this.#trouble = this.#tooFew();
        if (attempt > 0) break;
        this.#deps.moreServers();
        await this.#deps.scope.sleep(MORE_MS);
        continue;
      }
      const circuit = await this.#begin(destination);
      try {
        await circuit.make(hops);
      } catch (error) {
        const { code, data, message } = ParleyError.from(error);
        this.#deps.metrics.count('circuits_failed', code);
        this.#trouble = message;
        const among = data.hops as readonly string[];
        for (const hop of among) failed.add(hop);
        if (!circuit.blameless) this.#blame.failed(among, this.#now());
        continue;
      }
      // The user wants more by now, or none: this one must not be used.
      if (circuit.over || hops.length !== this.#deps.wanted()) {
        circuit.end('the setting has changed');
        continue;
      }
      this.#deps.metrics.count('circuits_made');
      this.#trouble = undefined;
      this.#makeRoom();
      this.#own.set(circuit.name, circuit);
      this.#deps.changed();
      this.#deps.made(circuit);
      return circuit;
    }
    this.#trials.unmade(destination, this.#now());
    this.#deps.changed();
    return undefined;
  }

  async #begin(destination: string): Promise<OwnCircuit> {
    const { OwnCircuit } = await loadMaking();
    const ended = (circuit: OwnCircuit): void => this.#ended(circuit);
    const name = circuitName(randomGuid(this.#deps.ports.random));
    return new OwnCircuit({ ...this.#deps, hopTimeoutMs: this.#config.hopTimeoutMs, ended }, name, destination);
  }

  /** It ends because this node wants it to. */
  #retire(circuit: OwnCircuit, reason: string): void {
    circuit.blameless = true;
    circuit.end(reason);
  }

  #ended(circuit: OwnCircuit): void {
    if (!this.#own.delete(circuit.name)) return;
    const { name, destination, hops } = circuit;
    this.#past.set(name, { destination, hops });
    if (!circuit.blameless) {
      this.shun(circuit);
      this.failed(circuit.destination);
    }
    this.#deps.changed();
    this.#deps.ended(circuit);
  }

  /** `failed`: hops of which one did, just now. */
  #choose(destination: string, failed: ReadonlySet<string> = new Set()): HopServer[] | undefined {
    const { links, servers, ports, wanted, self } = this.#deps;
    const peers = links.all().map(({ peer }) => peer);
    const neighbours = peers.filter(({ nodeType, attributes }) => nodeType === 'server' && attributes[CIRCUITS_ATTRIBUTE] === '1');
    const keyIds = new Map(neighbours.map(({ nodeId, keyId }) => [nodeId, keyId]));
    const known = servers();
    for (const { nodeId, keyId } of known) keyIds.set(nodeId, keyId);
    const prospects = known.map(({ nodeId, endpoints }) => ({ nodeId, networks: networksOf(endpoints) }));
    const networks = new Map(prospects.map((prospect) => [prospect.nodeId, prospect.networks]));
    const first = neighbours.map(({ nodeId }) => ({ nodeId, networks: networks.get(nodeId) ?? [] }));
    const others = [...prospects, ...first.filter(({ nodeId }) => !networks.has(nodeId))];
    const now = this.#now();
    const shunned = new Set([...failed, ...this.#trials.shunned(destination)]);
    const doubtful = new Set([...keyIds.keys()].filter((id) => shunned.has(id) || this.#blame.doubts(id, now)));
    const avoid = new Set([destination, self]);
    const random = () => ports.random.number();
    const chosen = chooseHops({ neighbours: first, servers: others, hops: wanted(), avoid, doubtful, random });
    return chosen?.map((nodeId) => ({ nodeId, keyId: keyIds.get(nodeId) as string }));
  }

  /** The one that was used longest ago gives way. */
  #makeRoom(): void {
    while (this.#own.size >= this.#config.maxOwn) {
      const [oldest] = [...this.#own.values()].sort((a, b) => a.lastUsed - b.lastUsed);
      if (oldest) this.#retire(oldest, 'another was needed');
    }
  }

  #sweep(): void {
    this.#learnMore();
    const idle = this.#now() - this.#config.idleMs;
    for (const circuit of [...this.#own.values()]) if (circuit.lastUsed < idle) this.#retire(circuit, 'idle');
  }

  /** Hops are hidden among the servers that could be others. */
  #learnMore(): void {
    const { wanted, servers, moreServers } = this.#deps;
    const known = servers().length;
    const isInVain = known <= this.#asked.known && this.#now() < this.#asked.at + ASK_AGAIN_MS;
    if (wanted() === 0 || known >= ENOUGH || isInVain) return;
    this.#asked = { known, at: this.#now() };
    moreServers();
  }

  #tooFew(): string {
    return `fewer than ${this.#deps.wanted()} servers are known that could be hops`;
  }

  #now(): number {
    return this.#deps.ports.clock.monotonic();
  }
}
