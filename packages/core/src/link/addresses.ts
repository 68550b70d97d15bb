/** Counts connections by address, and refuses those above a limit. Addresses get quotas only, never bans (WIRE "Opening a link"). */
export class AddressQuota {
  readonly #limit: number;
  readonly #counts = new Map<string, number>();

  /** `limit`: connections from one address at a time, loopback excepted. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether one more connection with this `HOST:PORT` is within the limit. */
  admits(address: string): boolean {
    const host = hostOf(address);
    return isLoopback(host) || (this.#counts.get(host) ?? 0) < this.#limit;
  }

  enter(address: string): void {
    const host = hostOf(address);
    this.#counts.set(host, (this.#counts.get(host) ?? 0) + 1);
  }

  leave(address: string): void {
    const host = hostOf(address);
    const count = (this.#counts.get(host) ?? 0) - 1;
    if (count > 0) this.#counts.set(host, count);
    else this.#counts.delete(host);
  }
}

function hostOf(address: string): string {
  return address.slice(0, address.lastIndexOf(':'));
}

function isLoopback(host: string): boolean {
  const plain = host.replace(/^\[(?:::ffff:)?(.*)\]$/, '$1');
  return plain === '::1' || plain === 'localhost' || /^127\.\d+\.\d+\.\d+$/.test(plain);
}
