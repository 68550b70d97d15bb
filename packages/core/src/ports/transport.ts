import type { ParleyError } from '../util/errors.ts';

/** What a connection tells its owner. Called in order, never after `closed`. */
export interface ConnectionHandler {
  /** One JSON message, as bytes or (where the platform already decoded it) as text. Not yet validated in any way. */
  message(json: Uint8Array | string): void;
  /** Bytes of a data frame. A frame may come in several calls: transfers are streams, its limits mean nothing. */
  data(transfer: number, bytes: Uint8Array): void;
  keepAlive(): void;
  /** `queued` fell below the low-water mark after it had been above. */
  drain(): void;
  /** Once, last. Without an error the other side ended it, or we did. */
  closed(error?: ParleyError): void;
}

/** A framed, ordered, reliable two-way connection; encrypted outside of tests. Not yet a link: nobody has said HELLO. */
export interface Connection {
  /** `tls`, `memory`, …, or `punched-tcp` for what both sides opened. */
  readonly transport: string;
  /** Whether this side opened it. */
  readonly dialled: boolean;
  /** The address of the other side as seen from here, `HOST:PORT`. */
  readonly remoteAddress: string;
  /** The certificate (DER) whose key the transport itself has proved; undefined where HELLO and PROOF must prove it. */
  readonly peerCertificate: Uint8Array | undefined;
  /** What ties a PROOF to this connection (WIRE "Opening a link"); undefined where the transport proves the key. */
  readonly binding: string | undefined;
  /** Bytes accepted by `send` and `sendData` and not yet taken by the network. */
  readonly queued: number;
  /** Called once, at once; until then events wait. */
  attach(handler: ConnectionHandler): void;
  send(json: string): void;
  /** The bytes are the connection's from then on: the caller does not change them. */
  sendData(transfer: number, bytes: Uint8Array): void;
  keepAlive(): void;
  /** Stops and restarts reading (back-pressure towards the sender). */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then ends; within some seconds also when the other side does not read. */
  close(): void;
  /** Ends at once. */
  destroy(error?: ParleyError): void;
}

export interface Listener {
  /** The address that was bound, `HOST:PORT`. */
  readonly address: string;
  /** Stops listening. Connections go on. */
  close(): Promise<void>;
}

/** A port of this machine, from which one connection is opened while the other side opens it too: neither has to take in what it did not ask for. */
export interface Meeting {
  readonly port: number;
  /**
   * Opens a connection with `address`, `HOST:PORT`, over and over until there is one or the signal aborts. Called once. Errors: `aborted`, `in-use`, `bad-argument`.
   */
  open(address: string, options: MeetingOptions): Promise<Connection>;
  /** Gives the port up. A connection that was opened goes on. */
  close(): void;
}

export interface MeetingOptions {
  /** This side does what the one who dials does in all that follows; the other side must not. */
  readonly dials: boolean;
  /** Whether a connection is with whom it should be. One that is not, or of which that cannot be told, ends, and the meeting goes on. */
  readonly isMeant: (connection: Connection) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** What the connections of a meeting tell as their `transport`. */
export const MEETING_TRANSPORT = 'punched-tcp';

/** A way to make connections. Addresses are `HOST:PORT` (S2 "address"). Errors: `unreachable`, `timeout`, `refused`, `aborted`, `in-use`. */
export interface Transport {
  readonly name: string;
  dial(address: string, signal: AbortSignal): Promise<Connection>;
  listen(address: string, accept: (connection: Connection) => void): Promise<Listener>;
  /** Takes a free port, from which to open a connection at the same time as the other side. Where the platform can. Errors: `in-use`, `unreachable`. */
  meet?(): Promise<Meeting>;
}
