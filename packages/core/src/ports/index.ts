import type { Clock } from './clock.ts';
import type { Crypto } from './crypto.ts';
import type { DatagramTransport } from './datagrams.ts';
import type { Files } from './files.ts';
import type { Log } from './log.ts';
import type { MulticastTransport } from './multicast.ts';
import type { Random } from './random.ts';
import type { Store } from './store.ts';
import type { Transport } from './transport.ts';

export type { Clock, Timer } from './clock.ts';
export type { AgreementKey, Crypto, Hasher, ScryptCost, SigningKey } from './crypto.ts';
export { type Datagrams, type DatagramTransport, MAX_DATAGRAM_BYTES } from './datagrams.ts';
export type { Files, OpenFile, OutsideFile } from './files.ts';
export { type Log, type LogFields, silentLog } from './log.ts';
export type { Multicast, MulticastGroup, MulticastTransport } from './multicast.ts';
export type { Random } from './random.ts';
export type { BackupRule, Range, Store, StoreRow, StoreValue, StoreWrite, TableSpec } from './store.ts';
export {
  type Connection,
  type ConnectionHandler,
  type Listener,
  MEETING_TRANSPORT,
  type Meeting,
  type MeetingOptions,
  type Transport,
} from './transport.ts';

/** What a platform supplies to a node (DESIGN section 2). A capability that is missing is a port that is missing. */
export interface Ports {
  readonly clock: Clock;
  readonly random: Random;
  readonly crypto: Crypto;
  readonly store: Store;
  readonly log: Log;
  /** By scheme: `tls`, `memory`, … */
  readonly transports: readonly Transport[];
  /** Where the platform has UDP. */
  readonly datagrams?: DatagramTransport;
  /** Where the platform keeps large files. */
  readonly files?: Files;
  /** Where the platform reaches the local network. */
  readonly multicast?: MulticastTransport;
}
