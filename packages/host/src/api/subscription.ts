import type { ApiEvent, EventHub, Log } from '@parley/core';
import type { WebSocket } from 'ws';

/** Bytes that may wait for a subscriber before it is dropped: some thousands of messages. */
const MAX_WAITING_BYTES = 1024 * 1024;
/** So long one who reads too little may take to read why it was dropped. */
const SLOW_GOODBYE_MS = 10_000;
/** And so long others may take to answer a goodbye. */
const GOODBYE_MS = 500;
/** RFC 6455 section 7.4.1, and the registry of close codes that it began. */
const GOING_AWAY = 1001;
const TRY_AGAIN_LATER = 1013;

function end(socket: WebSocket, code: number, reason: string, patienceMs = GOODBYE_MS): void {
  socket.close(code, reason);
  // One who does not read never answers.
  setTimeout(() => socket.terminate(), patienceMs).unref();
}

/** Sends events to a subscriber for as long as it reads them. Returns what ends it when the node stops. */
export function serveSubscriber(socket: WebSocket, hub: EventHub, log: Log): () => void {
  let unsubscribe = (): void => {};
  const deliver = (event: ApiEvent): void => {
    if (socket.bufferedAmount <= MAX_WAITING_BYTES) {
      socket.send(JSON.stringify(event));
      return;
    }
    unsubscribe();
    log.warn('a subscriber to events was dropped', { reason: 'too slow', waiting_bytes: socket.bufferedAmount });
    end(socket, TRY_AGAIN_LATER, 'too slow: events were lost, subscribe again', SLOW_GOODBYE_MS);
  };
  try {
    unsubscribe = hub.subscribe(deliver);
  } catch (error) {
    end(socket, TRY_AGAIN_LATER, error instanceof Error ? error.message : 'no room');
  }
  socket.on('close', unsubscribe);
  // Nothing is expected from a subscriber, and what it says is not kept.
  socket.on('message', () => log.debug('a subscriber spoke'));
  return () => {
    unsubscribe();
    end(socket, GOING_AWAY, 'the node is stopping');
  };
}
