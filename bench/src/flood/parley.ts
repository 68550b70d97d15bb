import { randomUUID } from 'node:crypto';
import { ACCEPT, type DataOf, defineVerb, type Links, type Overlay } from '@parley/core';
import Type from 'typebox';
import type { Subject } from '../lib/bench.ts';
import { createPorts, temporaryStore } from '../lib/parley.ts';
import { createOverlay } from '../lib/parley-links.ts';
import { writePayload } from '../lib/payload.ts';
import { delay, type Period, turn } from '../lib/time.ts';
import type { SendWindow } from '../lib/window.ts';
import { createDeliveries } from './deliveries.ts';
import { degree, type FloodRoles, type Host } from './roles.ts';

/** A flood of text: Parley's own floods are announcements, which nobody sends by the thousand. */
const BENCH = defineVerb({
  name: 'BENCH',
  summary: 'A text for everybody.',
  source: '+',
  reach: 'flood',
  ttl: 32,
  proof: 'auth',
  acked: false,
  maxBytes: 4096,
  rate: { perSecond: 100_000, burst: 100_000 },
  data: Type.Object({
    msg_id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
    node_id: Type.String({ pattern: '^[0-9a-f-]{36}$' }),
    text: Type.String(),
  }),
});

interface FloodNode {
  readonly overlay: Overlay;
  readonly links: Links;
}

function createHost(): Host {
  const deliveries = createDeliveries();
  const nodes = new Map<number, FloodNode>();

  async function floodRepeatedly({ overlay }: FloodNode, origin: number, window: SendWindow, period: Period): Promise<void> {
    while (await window.take(period.until)) {
      await overlay.flood(BENCH, { msg_id: randomUUID(), text: writePayload(window.sent, origin) });
      await turn();
    }
  }

  return {
    ...deliveries,
    async start(first, count) {
      deliveries.begin(first, count);
      const addresses: string[] = [];
      for (let number = first; number < first + count; number++) {
        const { links, overlay } = await createOverlay(await createPorts(`node ${number}`, await temporaryStore()), BENCH, 1);
        overlay.handle(BENCH, ({ data }: { data: DataOf<typeof BENCH> }) => {
          deliveries.deliver(number, data.text);
          return ACCEPT;
        });
        nodes.set(number, { overlay, links });
        addresses.push(await links.listen('tls', '127.0.0.1:0'));
      }
      return addresses;
    },
    async connect(links) {
      for (const { node, address } of links) await nodes.get(node)?.links.dial('tls', address);
    },
    async ready() {
      for (const { links } of nodes.values()) while (links.size < degree) await delay(5);
    },
    async run(period, size) {
      const windows = deliveries.measure(period, size);
      await Promise.all(
        [...nodes].map(async ([origin, node], index) => {
          const window = windows[index];
          if (window !== undefined) await floodRepeatedly(node, origin, window, period);
        }),
      );
      return { sent: windows.reduce((sum, window) => sum + window.sent, 0), lost: windows.reduce((sum, window) => sum + window.lost, 0) };
    },
  };
}

/** Links and overlay of twenty nodes on the graph; each verifies a flood before it passes it on. */
export const parleyFlood: Subject<FloodRoles> = { roles: { host: createHost } };
