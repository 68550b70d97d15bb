import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import { type Connection, MEETING_TRANSPORT, type Meeting, ParleyError } from '@parley/core';
import type { Acceptor, Door } from './acceptor.ts';
import { type HostPort, parseAddress, plainHost } from './address.ts';
import { type DialOptions, dialOver } from './dial.ts';
import { connectError } from './errors.ts';

export interface MeetingDeps {
  readonly acceptor: Acceptor;
  readonly dialOptions: DialOptions;
}

/** Between two attempts, at random up to twice this: both sides have to be at it at the same time now and then. */
const RETRY_MS = 100;
/** Connections that came before it was known from whom they should. */
const MAX_EARLY = 4;

/** Takes a free port, on which it listens already. Errors: `in-use`, `unreachable`. */
export async function meetOverTcp(deps: MeetingDeps): Promise<Meeting> {
  const server = await listenOn(0);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new ParleyError('internal', 'a listener without an address');
  return new TcpMeeting(bound.port, server, deps);
}

/**
 * TCP simultaneous open (RFC 9293 section 3.5; S2 CONNECT): connects from a port to that of the other side, and listens on it. What goes out makes the NAT
 * in front of this side take in what comes from there; whichever of the two arrives becomes the connection.
 */
class TcpMeeting implements Meeting {
  readonly port: number;
  readonly #deps: MeetingDeps;
  readonly #closing = new AbortController();
  /** All that is not the connection ends with the meeting. */
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #early: Socket[] = [];
  #came: (raw: Socket) => void = (raw) => {
    if (this.#early.length < MAX_EARLY) this.#early.push(raw);
    else raw.destroy();
  };

  constructor(port: number, server: Server, deps: MeetingDeps) {
    this.port = port;
    this.#deps = deps;
    this.#serve(server);
  }

  async open(address: string, { dials, signal }: { readonly dials: boolean; readonly signal: AbortSignal }): Promise<Connection> {
    const there = parseAddress(address);
    if (isIP(there.host) === 0 || there.port === 0) throw new ParleyError('bad-argument', `not the address of a host: ${address}`);
    const abort = (): void => this.#closing.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await this.#open(there, dials);
    } finally {
      signal.removeEventListener('abort', abort);
      this.close();
    }
  }

  close(): void {
    this.#closing.abort(new ParleyError('aborted', 'closed'));
    this.#server?.close();
    this.#server = undefined;
    for (const raw of this.#sockets) raw.destroy();
  }

  #open(there: HostPort, dials: boolean): Promise<Connection> {
    const { signal } = this.#closing;
    return new Promise((resolve, reject) => {
      const opened = (raw: Socket, connection: Connection): void => {
        if (signal.aborted) {
          connection.destroy();
          return;
        }
        this.#sockets.delete(raw);
        resolve(connection);
        // At once: the other side goes on with the connection on which our part of the handshake is complete, and with no other.
        this.close();
      };
      const take = dials ? this.#dialling(opened) : this.#accepting(opened);
      const fromThere = (raw: Socket): void => {
        if (plainHost(raw.remoteAddress ?? '') === there.host) take(raw);
        else raw.destroy();
      };
      const aborted = (): void => reject(ParleyError.from(signal.reason, 'aborted'));
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
      this.#came = fromThere;
      for (const raw of this.#early.splice(0)) fromThere(raw);
      this.#knock(there, take).catch(reject);
    });
  }

  #dialling(opened: (raw: Socket, connection: Connection) => void): (raw: Socket) => void {
    const { dialOptions } = this.#deps;
    return (raw) => {
      dialOver(raw, this.#closing.signal, dialOptions).then(
        (connection) => opened(raw, connection),
        (error: unknown) => dialOptions.settings.log.debug('a meeting failed in its handshake', { error: String(error) }),
      );
    };
  }

  #accepting(opened: (raw: Socket, connection: Connection) => void): (raw: Socket) => void {
    return (raw) => {
      const door: Door = { transport: MEETING_TRANSPORT, open: true, accept: (connection) => opened(raw, connection) };
      this.#deps.acceptor.take(raw, door);
    };
  }

  /** Connects, and listens meanwhile, until the meeting is over. A port on which somebody listens cannot be connected from: one comes after the other. */
  async #knock(there: HostPort, take: (raw: Socket) => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#server?.close();
      this.#server = undefined;
      const knocking = this.#connect(there);
      // The request is on its way one turn later.
      await new Promise((resolve) => setImmediate(resolve));
      if (signal.aborted) return;
      this.#serve(await listenOn(this.port));
      const raw = await knocking;
      if (raw) take(raw);
      await new Promise((resolve) => setTimeout(resolve, 2 * RETRY_MS * Math.random()));
    }
  }

  /** One attempt to connect. Undefined where it is refused, or the meeting is over. */
  #connect({ host, port }: HostPort): Promise<Socket | undefined> {
    const raw = this.#own(connect({ host, port, localPort: this.port }));
    return new Promise((resolve) => {
      raw.once('connect', () => resolve(raw));
      raw.once('close', () => resolve(undefined));
    });
  }

  #serve(server: Server): void {
    this.#server = server;
    server.on('connection', (raw) => this.#came(this.#own(raw)));
    if (this.#closing.signal.aborted) this.close();
  }

  #own(raw: Socket): Socket {
    this.#sockets.add(raw);
    raw.once('close', () => this.#sockets.delete(raw));
    // What goes wrong shows in its end.
    raw.on('error', () => {});
    return raw;
  }
}

/** Listens on a port of all addresses. Errors: `in-use`, `unreachable`. */
function listenOn(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true });
    server.once('error', (error) => reject(connectError(error, `cannot listen on port ${port}`)));
    server.listen({ port }, () => resolve(server));
  });
}
