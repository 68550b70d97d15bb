export interface Random {
  /** Cryptographically strong bytes (in a simulated world: seeded). */
  bytes(length: number): Uint8Array<ArrayBuffer>;
  /** Uniform in [0, 1); for jitter and choices, never for keys. */
  number(): number;
}
