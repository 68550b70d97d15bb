import { type Node, receive, verbs } from '@parley/core';
import type { World } from '@parley/sim';
import { must, readable } from './target.ts';

/** What a node may hold, by gauge, after any number of inputs. */
const BOUNDS: Readonly<Record<string, number>> = {
  links: 8,
  links_opening: 1100,
  custody_messages: 210_000,
  routes: 3000,
  known_nodes: 20_000,
  seen_floods: 200_000,
  channels: 2000,
};

const KEPT_IDS = 50;

/** Nodes that do nothing wrong, whatever strangers say to them: watched while they do it. */
export class Honest {
  /** The latest ids of messages that one of them sent. */
  readonly ids: string[] = [];
  readonly #world: World;
  readonly #nodes: readonly Node[];
  /** What one of them said that every neighbour would refuse. */
  #unacceptable: string | undefined;

  constructor(world: World, nodes: readonly Node[]) {
    this.#world = world;
    this.#nodes = nodes;
    const names = new Set(nodes.map((node) => node.identity.name));
    world.network.onFrame(({ from, kind, bytes }) => {
      if (kind === 'message' && names.has(from)) this.#judge(bytes);
      return undefined;
    });
  }

  /** Throws for what was said so far. Costs nothing. */
  checkSaid(): void {
    must(this.#unacceptable === undefined, `an honest node said what every neighbour would refuse: ${this.#unacceptable}`);
  }

  /** Throws when they are not what they were: an internal error, a bound passed, blame for one another. */
  check(): void {
    this.checkSaid();
    for (const node of this.#nodes) this.#checkNode(node);
    const errors = this.#world.logs.entries({ level: 'error' });
    must(errors.length === 0, `a node logged an error: ${JSON.stringify(errors[0])}`);
  }

  #checkNode(node: Node): void {
    const { metrics, links } = node;
    must(metrics.value('failures', 'internal') === 0, 'an internal error while a message was handled');
    for (const [name, values] of metrics.snapshot().gauges) {
      const value = values.get('') ?? 0;
      const bound = BOUNDS[name];
      must(bound === undefined || value <= bound, `${name} grew to ${value}, above ${bound}`);
    }
    for (const other of this.#nodes) {
      const score = links.reputation.score(other.identity.keyId, links.now());
      must(score === 0, `${node.identity.name} holds ${score} against ${other.identity.name}, which is honest`);
    }
  }

  #judge(bytes: Uint8Array): void {
    const received = receive(bytes, verbs, 'open', () => true);
    if (received.rejected !== undefined) {
      this.#unacceptable ??= `${received.rejected} ${received.detail ?? ''}: ${readable(bytes)}`;
      return;
    }
    const id = received.message.msg_data.msg_id;
    if (typeof id === 'string' && this.ids.push(id) > KEPT_IDS) this.ids.shift();
  }
}
