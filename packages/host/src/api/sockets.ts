import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Answers under way when a listener closes have so long. */
const CLOSE_MS = 1_000;

/**
 * Makes the end of an HTTP server certain. The server itself loses sight of sockets that were upgraded, and waits for every other one,
 * though its peer may never close it. Returns what closes the server, by `close`, in bounded time.
 */
export function boundedClose(server: Server, close: () => Promise<unknown>): () => Promise<void> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return async () => {
    const impatience = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, CLOSE_MS);
    try {
      await close();
    } finally {
      clearTimeout(impatience);
    }
  };
}
