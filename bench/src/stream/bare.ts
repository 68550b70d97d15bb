import { randomBytes } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { createIdentity, dial, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { Meter, now } from '../lib/time.ts';
import { chunkBytes, type Receiver, type Sender, type StreamRoles } from './roles.ts';

function createReceiver(): Receiver {
  let meter: Meter | undefined;
  return {
    listen: () => listen((socket) => socket.on('data', (bytes) => meter?.add(bytes.length))),
    measure(period) {
      meter = new Meter(period);
    },
    received: () => meter?.total ?? 0,
  };
}

function createSender(): Sender {
  let socket: TLSSocket | undefined;
  return {
    async connect(address) {
      socket = await dial(address, createIdentity('sender'));
    },
    async run(period) {
      const link = socket;
      if (link === undefined) throw new Error('not connected');
      const chunk = randomBytes(chunkBytes);
      while (now() < period.until) {
        if (!link.write(chunk)) await new Promise((resolve) => link.once('drain', resolve));
      }
      link.destroy();
    },
  };
}

/** Writes on one TLS 1.3 socket (AES-128-GCM) with the back-pressure of Node's streams. */
export const bareStream: Subject<StreamRoles> = { roles: { receiver: createReceiver, sender: createSender } };
