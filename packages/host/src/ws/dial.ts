import type { ClientRequest, IncomingMessage } from 'node:http';
import { type Connection, ParleyError } from '@parley/core';
import { WebSocket } from 'ws';
import type { ConnectionSettings } from '../sockets/settings.ts';
import { formatAddress } from '../tls/address.ts';
import { connectError } from '../tls/errors.ts';
import type { WsTarget } from './address.ts';
import { WsConnection } from './connection.ts';
import { MAX_FRAGMENTS, PROTOCOL } from './settings.ts';

export interface WsDialOptions {
  readonly settings: ConnectionSettings;
}

/** Of an answer that is no WebSocket, so much is read for its reason. */
const MAX_REASON_BYTES = 1024;

/** What a server said in place of opening a link. */
function reasonOf(response: IncomingMessage, done: (reason: string) => void): void {
  let text = '';
  const finish = (): void => done(`${response.statusCode}${text === '' ? '' : ` ${text.replace(/[^\x20-\x7e]+/g, ' ').trim()}`}`);
  response.setEncoding('latin1');
  response.on('data', (part: string) => {
    text += part;
    if (text.length <= MAX_REASON_BYTES) return;
    text = text.slice(0, MAX_REASON_BYTES);
    response.destroy();
  });
  response.once('close', finish);
  response.on('error', () => {});
}

/** Opens a WebSocket. Errors: `refused`, `unreachable`, `timeout`, `aborted`, `bad-certificate` (`wss:`: of the server's name). */
export function dialWs({ url, binding }: WsTarget, signal: AbortSignal, options: WsDialOptions): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const what = `cannot connect to ${url.href}`;
    const ws = new WebSocket(url, [PROTOCOL], {
      perMessageDeflate: false,
      followRedirects: false,
      maxPayload: options.settings.maxFrameBytes,
      maxFragments: MAX_FRAGMENTS,
      // Strict decoding is core's business, and counted there.
      skipUTF8Validation: true,
      autoPong: false,
    });
    let answer: IncomingMessage | undefined;
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', aborted);
    };
    let over = false;
    const fail = (error: ParleyError): void => {
      if (over) return;
      over = true;
      settle();
      reject(error);
      // What a dying socket still reports concerns nobody: its error listener stays.
      ws.terminate();
    };
    const failed = (error: Error): void => {
      const code: unknown = Reflect.get(error, 'code');
      // No subprotocol, or a wrong answer to the key: somebody else is there.
      fail(code === undefined ? new ParleyError('refused', `${what}: ${error.message}`, { cause: error }) : connectError(error, what));
    };
    const aborted = (): void => fail(new ParleyError('aborted', `${what}: given up`, { cause: signal.reason }));
    const timer = options.settings.clock.after(options.settings.handshakeTimeoutMs, () =>
      fail(new ParleyError('timeout', `${what}: no answer in ${options.settings.handshakeTimeoutMs} ms`)),
    );
    ws.on('error', failed);
    ws.on('unexpected-response', (_: ClientRequest, response: IncomingMessage) =>
      reasonOf(response, (reason) => fail(new ParleyError('refused', `${what}: ${reason}`))),
    );
    ws.on('upgrade', (response) => {
      answer = response;
    });
    ws.once('open', () => {
      if (over || !answer) return;
      over = true;
      settle();
      const { socket } = answer;
      const remoteAddress = formatAddress(socket.remoteAddress ?? url.hostname, socket.remotePort ?? 0);
      const connection = new WsConnection(ws, socket, { dialled: true, remoteAddress, binding }, options.settings);
      ws.off('error', failed);
      resolve(connection);
    });
    signal.addEventListener('abort', aborted, { once: true });
  });
}
