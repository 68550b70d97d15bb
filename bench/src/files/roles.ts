/** What one side of a move cost it. */
export interface Cost {
  /** Processor time of this process, user and system, while the file moved. */
  readonly cpuSeconds: number;
  /** The most memory that the process ever held. */
  readonly peakBytes: number;
}

/** When a side had done its part, on the machine's monotonic clock, and what it cost. */
export interface Done extends Cost {
  readonly at: number;
}

/** Has a file, and gives it to one other. */
export interface Giver {
  /** Makes the file and begins to listen; the address, in the subject's own notation. */
  listen(bytes: number): Promise<string>;
  /** What has to be done before anybody can ask for the file. In milliseconds. */
  prepare(): Promise<number>;
  begin(): void | Promise<void>;
  done(): Promise<Cost>;
}

/** Takes the file, and has it on its disk. */
export interface Taker {
  connect(address: string): Promise<void>;
  /** Everything up to the first byte: then `take` measures the move alone. */
  ready(bytes: number): Promise<void>;
  /** When it began, and when all of it was on disk. */
  take(): Promise<Done & { readonly from: number }>;
}

export interface FileRoles {
  giver: Giver;
  taker: Taker;
}

/** Processor time from its making on. */
export class CpuMeter {
  readonly #before = process.cpuUsage();

  cost(): Cost {
    const { user, system } = process.cpuUsage(this.#before);
    return { cpuSeconds: (user + system) / 1e6, peakBytes: process.resourceUsage().maxRSS * 1024 };
  }
}

/** Bytes that are read, hashed and sealed at a time. */
export const pieceBytes = 256 * 1024;
