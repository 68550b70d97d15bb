import { type Clock, type Connection, DEFAULT_MAX_FRAME_BYTES, type Log, ParleyError, type Transport } from '@parley/core';
import { parseServerAddress, type ServerAddress } from './address.ts';
import { type ConnectionSettings, WsConnection } from './connection.ts';

export interface WsTransportOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Longest frame that is made and taken. Default `DEFAULT_MAX_FRAME_BYTES`. */
  readonly maxFrameBytes?: number;
}

const SUBPROTOCOL = 'parley.1';
const MIB = 1024 * 1024;

/** The browser says nothing of why a connection could not be made, so that pages cannot look around in a network. */
const NO_CONNECTION = 'nobody answers there, or the way is blocked';

function dial(target: ServerAddress, signal: AbortSignal, settings: ConnectionSettings): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const what = `cannot connect to ${target.url}`;
    let socket: WebSocket;
    try {
      socket = new WebSocket(target.url, SUBPROTOCOL);
    } catch (cause) {
      reject(new ParleyError('refused', `${what}: this browser does not let the page connect there`, { cause }));
      return;
    }
    socket.binaryType = 'arraybuffer';
    const settle = (): void => {
      signal.removeEventListener('abort', aborted);
      socket.onopen = null;
      socket.onclose = null;
    };
    const fail = (error: ParleyError): void => {
      settle();
      socket.close();
      reject(error);
    };
    const aborted = (): void => fail(new ParleyError('aborted', `${what}: given up`, { cause: signal.reason }));
    signal.addEventListener('abort', aborted, { once: true });
    socket.onopen = () => {
      if (socket.protocol !== SUBPROTOCOL) {
        fail(new ParleyError('refused', `${what}: what answers there is no Parley server`));
        return;
      }
      settle();
      resolve(new WsConnection(socket, target.hostPort, settings));
    };
    socket.onclose = () => fail(new ParleyError('refused', `${what}: ${NO_CONNECTION}`));
  });
}

/** Links over WebSocket to servers: by `wss:`, on this machine also by `ws:`. A page cannot listen. HELLO and PROOF prove the keys. */
export function createWsTransport({ clock, log, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES }: WsTransportOptions): Transport {
  const settings: ConnectionSettings = {
    clock,
    log,
    maxFrameBytes,
    lowWaterBytes: MIB / 4,
    maxHeldBytes: 8 * MIB,
    lingerMs: 5_000,
  };
  return {
    name: 'ws',
    async dial(address, signal) {
      const target = parseServerAddress(address);
      if (signal.aborted) throw new ParleyError('aborted', `cannot connect to ${address}: given up`, { cause: signal.reason });
      return dial(target, signal, settings);
    },
    async listen() {
      throw new ParleyError('unsupported', 'a page cannot listen');
    },
  };
}
