import { type Connection, MEETING_TRANSPORT, type Meeting, type MeetingOptions, ParleyError } from '@parley/core';
import { connectHosts, type Hosts } from './dial.ts';
import { parseAddress, type SimHost } from './host.ts';

/** How long a side waits before it sends its packet again. */
const RETRY_MS = 200;

/**
 * Opens a connection from both ends: as through NATs that keep ports and take nothing in unasked, what a side sends gets through only where
 * the other sends to the very port that it comes from.
 */
export class MemoryMeeting implements Meeting {
  readonly port: number;
  readonly #hosts: Hosts;
  readonly #host: SimHost;
  readonly #life: number;
  #closed = false;
  /** Settles `open`, unless it has been. */
  #ended: (() => void) | undefined;

  constructor(hosts: Hosts, host: SimHost) {
    this.#hosts = hosts;
    this.#host = host;
    this.#life = host.life;
    this.port = host.ephemeralPort();
  }

  async open(address: string, { dials, isMeant, signal }: MeetingOptions): Promise<Connection> {
    if (parseAddress(address).port === 0) throw new ParleyError('bad-argument', 'port 0 is for listening');
    return new Promise((resolve, reject) => {
      const aborted = (): void => this.close();
      this.#ended = () => {
        signal.removeEventListener('abort', aborted);
        reject(ParleyError.from(signal.reason ?? new ParleyError('aborted', 'closed'), 'aborted'));
      };
      const opened = (connection: Connection): void => {
        isMeant(connection)
          .catch(() => false)
          .then((meant) => {
            if (meant && !this.#closed) {
              resolve(connection);
              this.close();
            } else {
              connection.destroy();
              if (dials) this.#later(address);
            }
          });
      };
      if (signal.aborted || this.#closed) {
        this.close();
        return;
      }
      signal.addEventListener('abort', aborted, { once: true });
      this.#host.openings.set(this.port, { toward: address, dials, opened });
      this.#knock(address);
    });
  }

  close(): void {
    this.#closed = true;
    this.#ended?.();
    if (this.#host.life === this.#life) this.#host.openings.delete(this.port);
  }

  /** The side that dials finds out whether the other is there; again and again. */
  #knock(address: string): void {
    const own = this.#host.life === this.#life ? this.#host.openings.get(this.port) : undefined;
    if (!own) return;
    const { fabric } = this.#hosts;
    const { host: name, port } = parseAddress(address);
    const there = this.#hosts.find(name);
    const other = there?.openings.get(port);
    const from = { host: this.#host, address: `${this.#host.name}:${this.port}` };
    const { conditions } = fabric;
    const apart = !conditions.reachable(this.#host.name, name) || !conditions.reachable(name, this.#host.name);
    if (own.dials && there && other && !other.dials && !apart && other.toward === from.address) {
      const to = { host: there, address };
      own.opened(connectHosts(fabric, from, to, { transport: MEETING_TRANSPORT, accept: other.opened }));
    } else this.#later(address);
  }

  #later(address: string): void {
    this.#hosts.fabric.clock.schedule(RETRY_MS, () => this.#knock(address));
  }
}
