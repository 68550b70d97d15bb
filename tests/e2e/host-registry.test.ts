import type { Node } from '@parley/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, until } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

/** Servers on real sockets, each linked to the first alone, and their clients. */
async function servers(host: string, count: number): Promise<Node[]> {
  const nodes: Node[] = [];
  let entry: string | undefined;
  for (let i = 0; i < count; i++) {
    const connect = entry === undefined ? [] : [entry];
    const { host: started } = await lab.server({ data: lab.dir(`server${i}`), name: `server${i}`, tls: `${host}:0`, connect });
    entry ??= started.ready.tls;
    nodes.push(started.node);
  }
  return nodes;
}

describe('the registry over UDP', () => {
  it.each(['127.0.0.1', '[::1]'])(
    'lets five servers on %s find each other through one of them, and a client of each other',
    async (host) => {
      const nodes = await servers(host, 5);
      await until(() => nodes.every((node) => node.registry.contacts().length === 4), 'all are in the tables of all');
      for (const from of nodes) {
        for (const { identity } of nodes) {
          if (identity === from.identity) continue;
          const record = await until(
            () => from.registry.find(identity.keyId, { fresh: true }),
            `${from.identity.name} finds ${identity.name}`,
          );
          expect(record.nodeId).toBe(identity.nodeId);
          expect(record.endpoints).toContain(`udp:${from.registry.contacts().find(({ nodeId }) => nodeId === identity.nodeId)?.address}`);
        }
      }
      // Over UDP, not from what was handed over with the links.
      const asked = nodes.map(({ metrics }) => metrics.value('registry_lookups', 'found'));
      expect(Math.min(...asked)).toBeGreaterThan(0);
      const client = await lab.start({
        data: lab.dir('ann'),
        nodeType: 'client',
        name: 'ann',
        connect: [(nodes[3] as Node).udp.address ?? ''],
      });
      const { identity } = client.host.node;
      const record = await until(() => (nodes[1] as Node).registry.find(identity.nodeId, { fresh: true }), 'ann is found');
      expect(record).toMatchObject({ nodeType: 'client', attachments: [{ nodeId: (nodes[3] as Node).identity.nodeId }] });
      const found = await until(
        () => client.host.node.registry.find((nodes[0] as Node).identity.keyId, { fresh: true }),
        'ann finds a server',
      );
      expect(found.nodeType).toBe('server');
      // Who comes unlisted finds others, and is found by nobody.
      const connect = [(nodes[3] as Node).udp.address ?? ''];
      const hidden = (await lab.start({ data: lab.dir('eve'), nodeType: 'client', name: 'eve', connect, unlisted: true })).host.node;
      await until(() => hidden.registry.find(identity.keyId, { fresh: true }), 'she finds ann');
      expect(await (nodes[3] as Node).registry.find(hidden.identity.keyId, { fresh: true })).toBeUndefined();
    },
  );
});
