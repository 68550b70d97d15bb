import { createIdentity, createNode, type Node, tables } from '@parley/core';
import { createCrypto } from '@parley/host';
import { World } from '@parley/sim';

export interface WholeReport {
  readonly mode: 'whole';
  readonly nodes: number;
  readonly seed: string;
  readonly lookups: number;
  readonly success: number;
  readonly meanQuestions: number;
  /** Over UDP, of questions and answers, for one lookup. */
  readonly meanBytes: number;
  /** Contacts in a table. */
  readonly contacts: number;
  /** After 20 % left at once: found at once, and the minutes until at most 1 % of the entries of tables are of those who left. */
  readonly successAfterLoss: number;
  readonly minutesToConverge: number;
  readonly wallMs: number;
  readonly heapBytes: number;
}

const MINUTE = 60_000;
/** Hosts that come at a time. */
const WAVE = 50;
/** Longer than liveness checks need to go through a table. */
const MAX_MINUTES = 90;

interface Server {
  readonly host: string;
  readonly node: Node;
  gone: boolean;
}

/** Each in a network of its own, as two from one would be refused. */
const hostOf = (number: number): string => `10.${number >> 8}.${number & 255}.1`;

class WholeNetwork {
  readonly world: World;
  readonly servers: Server[] = [];

  constructor(seed: string) {
    this.world = new World({ seed: `whole ${seed}`, crypto: createCrypto(), conditions: { latencyMs: 20, jitterMs: 20 } });
  }

  async grow(count: number): Promise<void> {
    const { world } = this;
    for (let number = 1; number <= count; number++) {
      const host = hostOf(number);
      const random = world.random.fork(host);
      const { identity } = await createIdentity({ crypto: world.crypto, random, clock: world.clock.view() }, { name: 'server' });
      const ports = world.ports(host, { tables, certificate: identity.certificate });
      const node = await world.until(createNode(ports, { identity, nodeType: 'server' }));
      await world.until(node.listen('memory', `${host}:4000`));
      await world.until(node.bindUdp(`${host}:4000`));
      // A tree: who came earlier takes in a few of those who come later.
      const entry = this.servers.length === 0 ? undefined : world.random.pick(this.servers);
      if (entry) node.connect('memory', `${entry.host}:4000`);
      this.servers.push({ host, node, gone: false });
      if (number % WAVE === 0) await world.advance(1000);
    }
    await world.advance(2 * MINUTE);
  }

  get present(): Server[] {
    return this.servers.filter(({ gone }) => !gone);
  }

  questions(): number {
    return this.present.reduce((sum, { node }) => sum + node.metrics.value('registry_questions'), 0);
  }

  bytes(): number {
    return this.present.reduce((sum, { node }) => sum + node.metrics.value('udp_sent_bytes'), 0);
  }

  /** Share of lookups, one after the other, that find a server which is there. */
  async find(count: number): Promise<number> {
    const { world } = this;
    let found = 0;
    for (let i = 0; i < count; i++) {
      const [from, to] = [world.random.pick(this.present), world.random.pick(this.present)];
      const record = await world.until(from.node.registry.find(to.node.identity.nodeId, { fresh: true }), { limitMs: 5 * MINUTE });
      if (record?.nodeId === to.node.identity.nodeId) found++;
    }
    return found / count;
  }

  /** Share of table entries that are of those who left. */
  stale(): number {
    const gone = new Set(this.servers.filter((server) => server.gone).map(({ node }) => node.identity.nodeId));
    const entries = this.present.flatMap(({ node }) => node.registry.contacts().map(({ nodeId }) => nodeId));
    return entries.filter((nodeId) => gone.has(nodeId)).length / Math.max(1, entries.length);
  }
}

/** Whole nodes: real servers, with links, stores and packets, under virtual time. */
export async function simulateWhole(nodes: number, seed: string, lookups: number): Promise<WholeReport> {
  const began = performance.now();
  const network = new WholeNetwork(seed);
  const { world } = network;
  await network.grow(nodes);
  const contacts = network.present.reduce((sum, { node }) => sum + node.registry.contacts().length, 0) / nodes;
  // What goes on without lookups is taken off.
  const quietFrom = [network.questions(), network.bytes(), world.clock.monotonic()] as const;
  await world.advance(MINUTE);
  const perMs = [(network.questions() - quietFrom[0]) / MINUTE, (network.bytes() - quietFrom[1]) / MINUTE] as const;
  const from = [network.questions(), network.bytes(), world.clock.monotonic()] as const;
  const success = await network.find(lookups);
  const took = world.clock.monotonic() - from[2];
  const meanQuestions = (network.questions() - from[0] - perMs[0] * took) / lookups;
  const meanBytes = (network.bytes() - from[1] - perMs[1] * took) / lookups;
  for (const [i, server] of network.servers.entries()) {
    if (i % 5 !== 4) continue;
    server.gone = true;
    world.crash(server.host, { silent: true });
  }
  const successAfterLoss = await network.find(lookups);
  let minutes = 0;
  while (minutes < MAX_MINUTES && network.stale() > 0.01) {
    await world.advance(MINUTE);
    minutes++;
  }
  return {
    mode: 'whole',
    nodes,
    seed,
    lookups,
    success,
    meanQuestions,
    meanBytes,
    contacts,
    successAfterLoss,
    minutesToConverge: minutes,
    wallMs: performance.now() - began,
    heapBytes: process.memoryUsage().rss,
  };
}
