import { connect, createServer, isIP, type Server, type Socket } from 'node:net';
import {
  type Connection,
  ipBytes,
  ipText,
  type Log,
  MEETING_TRANSPORT,
  type Meeting,
  type MeetingOptions,
  ParleyError,
} from '@parley/core';
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
/** Connections at once, in a handshake or before it is known from whom they should come: others at that host may know the port. */
const MAX_SOCKETS = 8;

/** Takes a free port, on which it listens already. Errors: `in-use`, `unreachable`. */
export async function meetOverTcp(deps: MeetingDeps): Promise<Meeting> {
  const server = await listenOn(0, deps.dialOptions.settings.log);
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
  /** All but the connection that is meant: they end with the meeting. */
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #early: Socket[] = [];
  #came: (raw: Socket) => void = (raw) => this.#early.push(raw);

  constructor(port: number, server: Server, deps: MeetingDeps) {
    this.port = port;
    this.#deps = deps;
    this.#serve(server);
  }

  async open(address: string, options: MeetingOptions): Promise<Connection> {
    const { signal } = options;
    const there = parseAddress(address);
    if (isIP(there.host) === 0 || there.port === 0) throw new ParleyError('bad-argument', `not the address of a host: ${address}`);
    const abort = (): void => this.#closing.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await this.#open(there, options);
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

  #open(there: HostPort, { dials, isMeant }: MeetingOptions): Promise<Connection> {
    const { signal } = this.#closing;
    const host = canonical(there.host);
    return new Promise((resolve, reject) => {
      const opened = async (raw: Socket, connection: Connection): Promise<void> => {
        if (!(await isMeant(connection).catch(() => false)) || signal.aborted) {
          connection.destroy();
          return;
        }
        this.#sockets.delete(raw);
        resolve(connection);
        // At once: the other side goes on with the connection on which our part of the handshake is complete, and with no other.
        this.close();
      };
      const take = dials ? this.#dialling(opened) : this.#accepting(opened);
      this.#came = (raw) => {
        if (canonical(raw.remoteAddress ?? '') === host) take(raw);
        else raw.destroy();
      };
      const aborted = (): void => reject(ParleyError.from(signal.reason, 'aborted'));
      signal.addEventListener('abort', aborted, { once: true });
      if (signal.aborted) aborted();
      for (const raw of this.#early.splice(0)) this.#came(raw);
      this.#knock(there, take).catch(reject);
    });
  }

  #dialling(opened: (raw: Socket, connection: Connection) => Promise<void>): (raw: Socket) => void {
    const { dialOptions } = this.#deps;
    return (raw) => {
      dialOver(raw, dialOptions).then(
        (connection) => opened(raw, connection),
        (error: unknown) => dialOptions.settings.log.debug('a meeting failed in its handshake', { error: String(error) }),
      );
    };
  }

  #accepting(opened: (raw: Socket, connection: Connection) => Promise<void>): (raw: Socket) => void {
    return (raw) => {
      const door: Door = { transport: MEETING_TRANSPORT, open: true, accept: (connection) => void opened(raw, connection) };
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
      this.#serve(await listenOn(this.port, this.#deps.dialOptions.settings.log));
      const raw = await knocking;
      if (raw) take(raw);
      await new Promise((resolve) => setTimeout(resolve, 2 * RETRY_MS * Math.random()));
    }
  }

  /** One attempt to connect. Undefined where it is refused, or the meeting is over. */
  #connect({ host, port }: HostPort): Promise<Socket | undefined> {
    const raw = this.#own(connect({ host, port, localPort: this.port, noDelay: true }));
    return new Promise((resolve) => {
      raw.once('connect', () => resolve(raw));
      raw.once('close', () => resolve(undefined));
    });
  }

  #serve(server: Server): void {
    this.#server = server;
    server.on('connection', (raw) => {
      if (this.#sockets.size < MAX_SOCKETS) this.#came(this.#own(raw));
      else raw.destroy();
    });
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

/** One way to write each host: an IPv6 address has several, and IPv4 ones show in it too. */
function canonical(host: string): string {
  const plain = plainHost(host);
  const bytes = ipBytes(plain);
  return bytes ? ipText(bytes) : plain;
}

/** Listens on a port of all addresses. Errors: `in-use`, `unreachable`. */
function listenOn(port: number, log: Log): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true });
    const failed = (error: Error): void => reject(connectError(error, `cannot listen on port ${port}`));
    server.once('error', failed);
    server.listen({ port }, () => {
      server.off('error', failed);
      server.on('error', (error) => log.debug('a meeting could not take a connection', { error: error.message }));
      resolve(server);
    });
  });
}
