import type { KeyBook } from '../../identity/ids.ts';
import type { Ports } from '../../ports/index.ts';
import { base64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { Scope } from '../../util/scope.ts';
import { Turns } from '../../util/turns.ts';
import type { JsonObject } from '../../wire/json.ts';
import type { AnyVerb, DataOf, VerbRegistry } from '../../wire/verb.ts';
import { contentBytes, filled, Layer } from './cell.ts';
import { conclude, freshKey, type HopAnswer } from './handshake.ts';
import type { Joint, Joints } from './joints.ts';
import { CircuitStream } from './stream.ts';
import { EXTEND, EXTENDED, REPORT } from './verbs.ts';

/** A server as a hop: its key must be known, or else anybody could answer in its place. */
export interface HopServer {
  readonly nodeId: string;
  readonly keyId: string;
}

export interface OwnCircuitDeps {
  readonly ports: Ports;
  readonly keys: KeyBook;
  readonly verbs: VerbRegistry;
  readonly metrics: Metrics;
  readonly scope: Scope;
  readonly joints: Joints;
  readonly hopTimeoutMs: number;
  /** The last hop said something. */
  readonly received: (circuit: OwnCircuit, verb: AnyVerb, data: JsonObject) => void;
  readonly ended: (circuit: OwnCircuit, reason: string) => void;
}

/** Bytes that wait at the link above which the next cell waits here, and for how long before it is looked again. */
const MAX_AHEAD_BYTES = 256 * 1024;
const WAIT_MS = 20;

interface Hop extends HopServer {
  readonly forward: Layer;
  readonly backward: Layer;
  readonly stream: CircuitStream;
}

/** A circuit that this node has made (DESIGN section 9): hop after hop, each with keys of its own, through those before it. */
export class OwnCircuit {
  readonly name: string;
  /** Whom it is for; empty for lookups. */
  readonly destination: string;
  readonly madeAt: number;
  lastUsed: number;
  /** The last hop has done something of what it was for, or what ends the circuit is no fault of its hops. */
  blameless = false;
  /** Monotonic: what was said to the last hop may still have waited for its turn at the link then. */
  #sendingAt: number;
  #saying = 0;
  readonly #deps: OwnCircuitDeps;
  readonly #hops: Hop[] = [];
  /** What goes out waits for its link, and keeps nothing that comes in waiting. */
  readonly #outward = new Turns();
  readonly #inward = new Turns();
  #joint: Joint | undefined;
  #awaited: { resolve: (answer: HopAnswer) => void; reject: (error: ParleyError) => void } | undefined;
  #whole = false;
  #over = false;

  /** `name`: as no node id is. */
  constructor(deps: OwnCircuitDeps, name: string, destination: string) {
    this.#deps = deps;
    this.name = name;
    this.destination = destination;
    this.madeAt = deps.ports.clock.monotonic();
    this.lastUsed = this.madeAt;
    this.#sendingAt = this.madeAt;
  }

  get over(): boolean {
    return this.#over;
  }

  /** Node ids, the first hop first. */
  get hops(): string[] {
    return this.#hops.map(({ nodeId }) => nodeId);
  }

  get exit(): string {
    return this.#hops.at(-1)?.nodeId ?? '';
  }

  /** Makes it. Errors, all with the node ids of the hops of which one failed as `data.hops`: `timeout`, `refused`, `bad-signature`, `unreachable`. */
  async make(servers: readonly HopServer[]): Promise<void> {
    try {
      for (const server of servers) await this.#add(server);
      this.#whole = true;
    } catch (error) {
      this.end('not made');
      const { code, message } = ParleyError.from(error);
      throw new ParleyError(code, message, {
        cause: error,
        data: { hops: servers.slice(0, this.#hops.length + 1).map(({ nodeId }) => nodeId) },
      });
    }
  }

  /** Says something to the last hop. Errors, at once: `closed`; `bad-argument` and `too-large` reject. */
  say(verb: AnyVerb, data: JsonObject): Promise<void> {
    if (this.#over) throw new ParleyError('closed', 'the circuit is over');
    this.lastUsed = this.#deps.ports.clock.monotonic();
    this.#saying++;
    return this.#outward.take(() => this.#say(this.#hops.length - 1, verb, data)).finally(() => this.#saying--);
  }

  /** Since when all that was said is on its way, monotonic; looked at now and then. */
  get sentAt(): number {
    if (this.#saying > 0 || (this.#joint && this.#deps.joints.queued(this.#joint) > 0))
      this.#sendingAt = this.#deps.ports.clock.monotonic();
    return this.#sendingAt;
  }

  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#joint) this.#deps.joints.close(this.#joint, 'closed');
    this.#awaited?.reject(new ParleyError('refused', reason));
    this.#deps.ended(this, reason);
  }

  async #add({ nodeId, keyId }: HopServer): Promise<void> {
    const { ports, keys, joints, verbs, metrics } = this.#deps;
    const { crypto } = ports;
    const publicKey = keys.resolve(keyId)?.publicKey;
    if (!publicKey) throw new ParleyError('unreachable', 'the key of a hop is not known');
    const own = await freshKey(ports);
    const key = base64(own.publicKey);
    const depth = this.#hops.length + 1;
    const answered = this.#answer();
    // It may come to nothing before anybody waits for it.
    answered.catch(() => {});
    if (depth > 1) await this.#outward.take(() => this.#say(depth - 2, EXTEND, { node_id: nodeId, key }));
    else
      this.#joint = joints.open(
        nodeId,
        { key, depth },
        {
          opened: (theirs, sig) => this.#awaited?.resolve({ key: theirs, sig }),
          cell: (cell) => this.#cell(cell),
          closed: (reason, linkEnded) => {
            this.blameless ||= linkEnded;
            this.end(reason);
          },
        },
      );
    const { forward, backward } = await conclude(crypto, own, { nodeId, publicKey, depth }, await answered);
    const index = this.#hops.length;
    const stream = new CircuitStream({
      verbs,
      pieceBytes: contentBytes(depth),
      maxBytes: REPORT.spec.maxBytes,
      received: (verb, data) => this.#received(index, verb, data),
      unknown: () => metrics.reject('verb-unknown'),
    });
    this.#hops.push({ nodeId, keyId, forward: new Layer(crypto, forward, depth), backward: new Layer(crypto, backward, depth), stream });
  }

  #answer(): Promise<HopAnswer> {
    const { scope, hopTimeoutMs } = this.#deps;
    return new Promise<HopAnswer>((resolve, reject) => {
      const closed = (): void => this.#awaited?.reject(new ParleyError('refused', 'the node ends'));
      const timer = scope.after(hopTimeoutMs, () => this.#awaited?.reject(new ParleyError('timeout', 'a hop does not answer')));
      const settled = (): void => {
        timer.cancel();
        scope.signal.removeEventListener('abort', closed);
      };
      this.#awaited = {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      scope.signal.addEventListener('abort', closed, { once: true });
      if (this.#over || scope.closed) this.#awaited.reject(new ParleyError('refused', 'the circuit is over'));
    });
  }

  /** Through a layer for each hop, the outermost that of the first. */
  async #say(to: number, verb: AnyVerb, data: JsonObject): Promise<void> {
    const { joints, ports, metrics, scope } = this.#deps;
    const target = this.#hops[to];
    for (const piece of target?.stream.pieces(verb, data) ?? []) {
      let cell = await (target as Hop).forward.close(piece);
      for (const hop of this.#hops.slice(0, to).reverse()) cell = await hop.forward.wrap(cell);
      metrics.count('circuit_cells', 'own');
      while (!this.#over && this.#joint && joints.queued(this.#joint) > MAX_AHEAD_BYTES) await scope.sleep(WAIT_MS);
      if (this.#over || !this.#joint) return;
      if (!joints.cell(this.#joint, filled(ports.random, cell))) this.end('the link is gone, or full');
    }
  }

  #cell(cell: Uint8Array): void {
    const done = this.#inward.take(async () => {
      let inner = cell;
      for (const hop of this.#hops) {
        const opened = await hop.backward.open(inner);
        if (!opened) throw new ParleyError('bad-message', 'a cell that does not open');
        if ('content' in opened) return hop.stream.push(opened.content);
        inner = opened.inner;
      }
      throw new ParleyError('bad-message', 'a cell of a hop that there is not');
    });
    this.#deps.scope.run(done, (error) => {
      this.#deps.metrics.reject('circuit-cell');
      this.end(ParleyError.from(error).message);
    });
  }

  #received(index: number, verb: AnyVerb, data: JsonObject): void {
    if (verb.name === EXTENDED.name) {
      const { key, sig, reason = 'refused' } = data as DataOf<typeof EXTENDED>;
      // Asked for or not: one hop says so of the next, and after the circuit stands there is no next.
      const isNext = index === this.#hops.length - 1 && !this.#whole;
      if (isNext && key !== undefined && sig !== undefined) this.#awaited?.resolve({ key, sig });
      else this.end(reason);
    } else if (this.#whole && index === this.#hops.length - 1) this.#deps.received(this, verb, data);
    else throw new ParleyError('bad-message', `a hop on the way says ${verb.name}`);
  }
}
