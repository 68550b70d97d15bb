import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Connection, ParleyError } from '@parley/core';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ConnectionSettings } from '../sockets/settings.ts';
import type { AddressLimits, Admission } from '../tls/limits.ts';
import type { Site, Visit } from '../web/site.ts';
import { WsConnection } from './connection.ts';
import { LINK_PATH, MAX_FRAGMENTS, PROTOCOL, type WsRefusal } from './settings.ts';

export interface GateOptions {
  readonly limits: AddressLimits;
  readonly onRefused: (reason: WsRefusal) => void;
  readonly settings: ConnectionSettings;
}

interface Refusal {
  readonly reason: WsRefusal;
  readonly status: number;
  readonly message: string;
}

const REFUSALS = {
  path: { reason: 'path', status: 404, message: `links are opened at ${LINK_PATH}` },
  closed: { reason: 'listener-closed', status: 503, message: 'no links are taken here now' },
  insecure: {
    reason: 'insecure',
    status: 403,
    message: 'plain WebSocket is for this machine alone; from elsewhere this server needs HTTPS',
  },
  host: { reason: 'host', status: 403, message: 'this server does not know itself by this name' },
  origin: { reason: 'origin', status: 403, message: 'pages of this origin may not open links here' },
  protocol: { reason: 'protocol', status: 400, message: `the subprotocol is ${PROTOCOL}` },
} satisfies Record<string, Refusal>;

/** What names a TCP connection, seen alike by the raw socket and by a TLS socket around it. */
function nameOf(socket: Socket): string {
  return `${socket.remotePort}/${socket.remoteAddress}/${socket.localPort}/${socket.localAddress}`;
}

function refuse(socket: Duplex, { status, message }: Refusal): void {
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', 'Content-Type: text/plain; charset=utf-8'];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\nContent-Length: ${Buffer.byteLength(message)}\r\n\r\n${message}`);
}

/** Takes WebSockets in on an HTTP server: who may come is decided before the handshake, and counted where not. */
export class Gate {
  readonly #site: Site;
  readonly #options: GateOptions;
  readonly #sockets: WebSocketServer;
  /** What holds the places of connections, by the name of the connection. */
  readonly #admissions = new Map<string, Admission>();
  #accept: ((connection: Connection) => void) | undefined;

  constructor(server: Server, site: Site, options: GateOptions) {
    this.#site = site;
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: options.settings.maxFrameBytes,
      maxFragments: MAX_FRAGMENTS,
      // Strict decoding is core's business, and counted there.
      skipUTF8Validation: true,
      autoPong: false,
      clientTracking: false,
      handleProtocols: () => PROTOCOL,
    });
    this.#sockets.on('wsClientError', (error, socket) => {
      this.#options.onRefused('handshake');
      refuse(socket, { reason: 'handshake', status: 400, message: error.message });
    });
    server.on('connection', (socket: Socket) => this.#entered(socket));
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => this.#upgrade(request, socket, head));
  }

  /** Takes links from now on. Returns what ends that; connections go on. Errors: `in-use`. */
  open(accept: (connection: Connection) => void): () => void {
    if (this.#accept) throw new ParleyError('in-use', 'links are taken here already');
    this.#accept = accept;
    return () => {
      if (this.#accept === accept) this.#accept = undefined;
    };
  }

  /** A place for each connection, before anything is read from it. One that is no link (yet) counts as one in its handshake. */
  #entered(socket: Socket): void {
    const host = socket.remoteAddress;
    if (host === undefined) {
      // Gone again before we looked.
      socket.destroy();
      return;
    }
    const admission = this.#options.limits.admit(host);
    if (typeof admission === 'string') {
      socket.destroy();
      const plain = admission === 'handshakes' ? 'http-connections' : 'http-connections-per-address';
      this.#options.onRefused(admission === 'connections' || admission === 'connections-per-address' ? admission : plain);
      return;
    }
    const name = nameOf(socket);
    this.#admissions.set(name, admission);
    socket.once('close', () => {
      this.#admissions.delete(name);
      admission.release();
    });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', (error) => this.#options.settings.log.debug('an incoming WebSocket failed', { error: error.message }));
    const visit = this.#site.visit(request);
    const refusal = this.#judge(request, visit);
    if (refusal || !visit) {
      const given = refusal ?? REFUSALS.host;
      this.#options.onRefused(given.reason);
      refuse(socket, given);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#opened(ws, socket, visit));
  }

  #judge({ url, headers }: IncomingMessage, visit: Visit | undefined): Refusal | undefined {
    if (url?.split('?', 1)[0] !== LINK_PATH) return REFUSALS.path;
    if (!this.#accept) return REFUSALS.closed;
    if (!visit) return REFUSALS.host;
    if (!visit.secure) return REFUSALS.insecure;
    if (!visit.known) return REFUSALS.host;
    if (!this.#site.admits(visit, headers.origin)) return REFUSALS.origin;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    return offered.includes(PROTOCOL) ? undefined : REFUSALS.protocol;
  }

  #opened(ws: WebSocket, socket: Socket, { binding, address }: Visit): void {
    const { settings } = this.#options;
    this.#admissions.get(nameOf(socket))?.handshakeDone();
    const connection = new WsConnection(ws, socket, { dialled: false, remoteAddress: address, binding }, settings);
    try {
      if (!this.#accept) throw new ParleyError('closed', 'no links are taken here now');
      this.#accept(connection);
    } catch (error) {
      settings.log.error('an incoming connection could not be taken', { error });
      connection.destroy(ParleyError.from(error));
    }
  }
}
