/** The server through which everything goes. */
export interface Server {
  /** The address for the others. */
  listen(): Promise<string>;
  /** Processor time of its process so far, in seconds. */
  cpu(): number;
}

/** All members but the one who writes: they accept what they are invited to. */
export interface Members {
  /** Their node ids. */
  start(address: string, count: number): Promise<string[]>;
  /** Messages that were shown, over all of them. */
  shown(): number;
}

/** Whoever founds the channel, invites the others, and writes. */
export interface Author {
  /** Resolves when all are in. */
  found(address: string, members: readonly string[]): Promise<void>;
  /** Writes messages one after another. Processor time until the last is on its way, in seconds. */
  write(messages: number): Promise<number>;
}

export interface ClosedRoles {
  server: Server;
  members: Members;
  author: Author;
}

export const TEXT = 'x'.repeat(200);

/** Processor time of this process so far. */
export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
