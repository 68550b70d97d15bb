import type { TLSSocket } from 'node:tls';
import { createIdentity, dial, listen } from '../lib/bare-tls.ts';
import type { Subject } from '../lib/bench.ts';
import { collectAndMeasure } from './memory.ts';
import { openAll } from './open-all.ts';
import type { Dialler, IdleLinksRoles, Listener } from './roles.ts';

const atOnce = 8;

function createListener(): Listener {
  const sockets = new Set<TLSSocket>();
  return {
    listen: () =>
      listen((socket) => {
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        socket.resume();
      }),
    links: () => sockets.size,
    memory: collectAndMeasure,
  };
}

function createDialler(): Dialler {
  const sockets: TLSSocket[] = [];
  return {
    open: (address, links) =>
      openAll(links, atOnce, async () => {
        const socket = await dial(address, createIdentity(`dialler ${sockets.length}`));
        socket.resume();
        sockets.push(socket);
      }),
  };
}

/** Mutual TLS sockets that wait for data. */
export const bareIdleLinks: Subject<IdleLinksRoles> = { roles: { listener: createListener, dialler: createDialler } };
