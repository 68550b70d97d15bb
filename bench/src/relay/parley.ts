import type { Node } from '@parley/core';
import type { Subject } from '../lib/bench.ts';
import { createParleyNode } from '../lib/parley.ts';
import { writePayload } from '../lib/payload.ts';
import { delay } from '../lib/time.ts';
import { SendWindow } from '../lib/window.ts';
import { createDeliveries } from './recipient.ts';
import type { Recipient, Relay, RelayRoles, Sender } from './roles.ts';

const channel = 'bench';
/** Messages that are being signed and written at once: what one commit holds. */
const atOnce = 64;

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

function createRelay(): Relay {
  let node: Node | undefined;
  return {
    async listen() {
      node = await createParleyNode('relay', 'server');
      return node.listen('tls', '127.0.0.1:0');
    },
    async ready() {
      await until(() => node?.links.size === 2);
    },
  };
}

function createRecipient(): Recipient {
  const deliveries = createDeliveries();
  return {
    ...deliveries,
    async connect(address) {
      const node = await createParleyNode('recipient', 'client');
      node.channels.events.on('message', ({ message }) => deliveries.deliver(message.text));
      await node.links.dial('tls', address);
      const { id } = await node.channels.create(channel);
      return id;
    },
  };
}

function createSender(): Sender {
  let node: Node | undefined;
  let id = '';
  let window: SendWindow | undefined;
  return {
    async connect(address, recipient) {
      id = recipient;
      node = await createParleyNode('sender', 'client');
      await node.links.dial('tls', address);
    },
    async ready() {
      const { channels, overlay } = node as Node;
      await until(() => channels.list().some((known) => known.id === id));
      await channels.join(id);
      await until(() => channels.members(id).length === 2 && channels.members(id).every((member) => overlay.reaches(member)));
      // The recipient has to hear of the new member before it takes its messages.
      await delay(500);
    },
    async run(period, size) {
      const { channels } = node as Node;
      const places = new SendWindow(size);
      window = places;
      const sendRepeatedly = async (): Promise<void> => {
        while (await places.take(period.until)) await channels.send(id, writePayload(places.sent));
      };
      await Promise.all(Array.from({ length: atOnce }, sendRepeatedly));
      return { sent: places.sent, lost: places.lost };
    },
    complete: (total) => window?.complete(total),
  };
}

/** Three whole nodes with their stores on disk: a channel of two members, who have a link to the server alone. */
export const parleyRelay: Subject<RelayRoles> = { roles: { relay: createRelay, recipient: createRecipient, sender: createSender } };
