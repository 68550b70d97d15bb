import type { RequestListener } from 'node:http';
import type { Socket } from 'node:net';

/** Why a connection was ended; one metric label. */
export type HttpRefusal = 'http-ahead';

/** Requests of one connection that may wait for their answers. Browsers and proxies send the next one when they have the answer. */
const MAX_AHEAD = 4;

/**
 * Ends connections on which requests are sent far ahead of the answers (RFC 9112 section 9.3.2 allows it, nobody does it). All that came at once is dealt
 * with before anything else is heard: thousands of short ones in one packet keep a node from its links for as long as it takes to answer them.
 */
export function notFarAhead(handler: RequestListener, onRefused: (reason: HttpRefusal) => void): RequestListener {
  const open = new WeakMap<Socket, number>();
  return (request, response) => {
    const { socket } = request;
    // The rest of what came with what has ended it.
    if (socket.destroyed) return;
    const ahead = open.get(socket) ?? 0;
    if (ahead >= MAX_AHEAD) {
      onRefused('http-ahead');
      socket.destroy();
      return;
    }
    open.set(socket, ahead + 1);
    response.once('close', () => open.set(socket, (open.get(socket) ?? 1) - 1));
    handler(request, response);
  };
}
