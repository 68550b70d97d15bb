import type { Identity } from '../../identity/identity.ts';
import type { Link } from '../../link/index.ts';
import type { Ports } from '../../ports/index.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import { Tally } from '../../util/tally.ts';
import { Turns } from '../../util/turns.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { AnyVerb, DataOf, VerbRegistry } from '../../wire/verb.ts';
import { contentBytes, filled, Layer } from './cell.ts';
import type { CircuitConfig } from './config.ts';
import type { Exit, ExitEnd } from './exit.ts';
import { HalfMessages, type Listening } from './half-messages.ts';
import { answer, type HopKeys } from './handshake.ts';
import type { Joint, Joints } from './joints.ts';
import { CircuitStream } from './stream.ts';
import { CARRY, type CIRCUIT_OPEN, EXTEND, EXTENDED, MAX_HOPS } from './verbs.ts';

export interface HopDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly joints: () => Joints;
  readonly exit: Exit;
  /** A link to a server: one that stands, or a new one. */
  readonly reach: (nodeId: string) => Promise<Link | undefined>;
  /** Something went over the link with a node that `reach` has made. */
  readonly used: (nodeId: string) => void;
}

const SWEEP_MS = 30_000;

/** The circuits of others of which this node is a hop. It knows whom it has each from and, when it is not the last, to whom it goes on, and no more. */
export class Hops {
  readonly #deps: HopDeps;
  readonly #config: CircuitConfig;
  readonly #circuits = new Set<HopCircuit>();
  /** Circuits by the neighbour that has begun them, those included that are about to be opened; and by that and the one to which they go on. */
  readonly #begun = new Tally();
  readonly #onward = new Tally();
  readonly #half: HalfMessages;

  constructor(deps: HopDeps, config: CircuitConfig) {
    this.#deps = deps;
    this.#config = config;
    this.#half = new HalfMessages(config, () => deps.metrics.reject('circuit-half'));
    deps.metrics.gauge('circuit_hops', () => this.#circuits.size);
    deps.metrics.gauge('circuit_half_bytes', () => this.#half.bytes);
    deps.scope.every(
      () => SWEEP_MS,
      () => this.#sweep(),
    );
  }

  /** A neighbour asks this node to be the next hop. */
  asked(link: Link, { circuit: number, key, depth }: DataOf<typeof CIRCUIT_OPEN>): void {
    const { nodeId, nodeType } = link.peer;
    const { scope, metrics } = this.#deps;
    const { maxHops, maxPerLink, maxBetweenServers, share } = this.#config;
    const refuse = (reason: string): void => {
      metrics.reject('circuit-refused');
      this.#deps.joints().refuse(nodeId, number, reason);
    };
    const most = nodeType === 'server' ? maxBetweenServers : maxPerLink;
    if (this.#begun.total >= maxHops || this.#begun.of(nodeId) >= most) {
      refuse('quota');
      return;
    }
    this.#begun.add(nodeId);
    scope.run(this.#open({ neighbour: nodeId, number, key, depth, maxOnward: most * share }), () => {
      this.#begun.add(nodeId, -1);
      refuse('refused');
    });
  }

  async #open({ number, key, ...about }: Asked): Promise<void> {
    const { ports, identity } = this.#deps;
    const { neighbour, depth } = about;
    const { said, keys } = await answer(ports, identity, { key, depth });
    if (!this.#deps.joints().isLinked(neighbour)) throw new ParleyError('closed', 'the link is gone');
    const ended = (): void => {
      this.#circuits.delete(circuit);
      this.#begun.add(neighbour, -1);
    };
    const shared = { onward: this.#onward, half: this.#half };
    const circuit = new HopCircuit(this.#deps, this.#config, { ...about, ...shared, keys, ended });
    const joint = this.#deps.joints().accept(neighbour, number, circuit.inward);
    if (!joint) throw new ParleyError('conflict', 'the number is taken');
    circuit.begin(joint);
    this.#circuits.add(circuit);
    this.#deps.joints().opened(joint, said);
  }

  #sweep(): void {
    const now = this.#deps.ports.clock.monotonic();
    const oldest = now - this.#config.hopIdleMs;
    this.#half.sweep(now);
    for (const circuit of [...this.#circuits]) if (circuit.lastUsed < oldest) circuit.end('idle');
  }
}

interface About {
  readonly keys: HopKeys;
  readonly depth: number;
  /** Towards its maker; and how many of its circuits may go on to one server, which `onward` counts. */
  readonly neighbour: string;
  readonly maxOnward: number;
  readonly onward: Tally;
  readonly half: HalfMessages;
  readonly ended: () => void;
}

/** A circuit that is to be opened. */
interface Asked extends Pick<About, 'neighbour' | 'depth' | 'maxOnward'> {
  readonly number: number;
  readonly key: string;
}

/** One circuit, as one of its hops sees it. `inward`: towards its maker. */
class HopCircuit implements Listening {
  readonly neighbour: string;
  lastUsed: number;
  readonly inward = {
    opened: () => this.end('nobody was asked'),
    cell: (cell: Uint8Array) => this.#inTurn(() => this.#fromMaker(cell)),
    closed: (reason: string) => this.end(reason),
  };
  readonly #deps: HopDeps;
  readonly #config: CircuitConfig;
  readonly #about: About;
  readonly #forward: Layer;
  readonly #backward: Layer;
  readonly #stream: CircuitStream;
  readonly #turns = new Turns();
  readonly #exit: ExitEnd;
  #from: Joint | undefined;
  #next: Joint | undefined;
  /** As what it counts at the next one. */
  #onward: string | undefined;
  /** The next hop was asked for: that happens once. */
  #extended = false;
  #over = false;

  constructor(deps: HopDeps, config: CircuitConfig, about: About) {
    const { crypto, clock } = deps.ports;
    this.#deps = deps;
    this.#config = config;
    this.#about = about;
    this.neighbour = about.neighbour;
    this.#forward = new Layer(crypto, about.keys.forward, about.depth);
    this.#backward = new Layer(crypto, about.keys.backward, about.depth);
    this.#stream = new CircuitStream({
      verbs: deps.verbs,
      pieceBytes: contentBytes(about.depth),
      maxBytes: CARRY.spec.maxBytes,
      received: (verb, data) => {
        about.half.forget(this);
        this.#received(verb, data);
      },
      unknown: () => deps.metrics.reject('verb-unknown'),
    });
    this.#exit = {
      neighbour: this.neighbour,
      say: (verb, data) => this.#say(verb, data),
      carried: new Set(),
      lookups: 0,
      quotas: new Map(),
    };
    this.lastUsed = clock.monotonic();
  }

  begin(from: Joint): void {
    this.#from = from;
  }

  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#about.ended();
    this.#about.half.forget(this);
    if (this.#onward !== undefined) this.#about.onward.add(this.#onward, -1);
    const joints = this.#deps.joints();
    // Nobody is told what happened behind a hop, only that it is over.
    if (this.#from) joints.close(this.#from, this.#next ? 'closed' : reason);
    if (this.#next) joints.close(this.#next, 'closed');
  }

  /** Cells are dealt with in the order in which they came, and what fails ends the circuit. */
  #inTurn(step: () => Promise<void>): void {
    this.lastUsed = this.#deps.ports.clock.monotonic();
    const done = this.#turns.take(async () => {
      if (!this.#over) await step();
    });
    this.#deps.scope.run(done, (error) => {
      this.#deps.metrics.reject('circuit-cell');
      this.end(ParleyError.from(error).code);
    });
  }

  async #fromMaker(cell: Uint8Array): Promise<void> {
    const opened = await this.#forward.open(cell);
    if (!opened) throw new ParleyError('bad-message', 'a cell that does not open');
    if ('content' in opened) {
      this.#stream.push(opened.content);
      if (!this.#over) this.#about.half.holds(this, this.#stream.kept, this.lastUsed);
    } else if (!this.#next) throw new ParleyError('bad-message', 'a cell for a hop that there is not');
    else {
      this.#deps.used(this.#next.neighbour);
      this.#send(this.#next, opened.inner);
    }
  }

  #fromNext(cell: Uint8Array): void {
    this.#inTurn(async () => {
      if (this.#from) this.#send(this.#from, await this.#backward.wrap(cell));
    });
  }

  /** To the maker, from this hop. */
  #say(verb: AnyVerb, data: JsonObject): void {
    this.#inTurn(async () => {
      for (const piece of this.#stream.pieces(verb, data)) if (this.#from) this.#send(this.#from, await this.#backward.close(piece));
    });
  }

  #send(joint: Joint, part: Uint8Array): void {
    const { ports, metrics } = this.#deps;
    metrics.count('circuit_cells', 'hop');
    if (!this.#deps.joints().cell(joint, filled(ports.random, part))) this.end('congested');
  }

  #received(verb: AnyVerb, data: JsonObject): void {
    if (verb.name !== EXTEND.name) this.#deps.exit.received(this.#exit, verb, data);
    else if (this.#extended || this.#about.depth === MAX_HOPS) throw new ParleyError('bad-message', 'it cannot be extended here');
    else {
      this.#extended = true;
      this.#deps.scope.run(this.#extend(data as DataOf<typeof EXTEND>), () => this.#say(EXTENDED, { reason: 'unreachable' }));
    }
  }

  async #extend({ node_id: nodeId, key }: DataOf<typeof EXTEND>): Promise<void> {
    const { depth, onward, maxOnward } = this.#about;
    const isBack = nodeId === this.neighbour || nodeId === this.#deps.identity.nodeId;
    const link = isBack ? undefined : await this.#deps.reach(nodeId);
    if (this.#over) return;
    if (!link) {
      this.#say(EXTENDED, { reason: isBack ? 'refused' : 'unreachable' });
      return;
    }
    const way = `${this.neighbour} ${nodeId}`;
    if (this.#deps.joints().begunTo(nodeId) >= this.#config.maxBetweenServers || onward.of(way) >= maxOnward) {
      this.#deps.metrics.reject('circuit-quota');
      this.#say(EXTENDED, { reason: 'quota' });
      return;
    }
    this.#onward = way;
    onward.add(way);
    this.#next = this.#deps.joints().open(
      nodeId,
      { key, depth: depth + 1 },
      {
        opened: (theirs, sig) => this.#say(EXTENDED, { key: theirs, sig }),
        cell: (cell) => this.#fromNext(cell),
        closed: (reason) => this.#lost(reason),
      },
    );
  }

  /** The next hop is gone, or would not be one. */
  #lost(reason: string): void {
    this.#next = undefined;
    if (this.#over) return;
    this.#say(EXTENDED, { reason });
    this.#inTurn(async () => this.end('the next hop is gone'));
  }
}
