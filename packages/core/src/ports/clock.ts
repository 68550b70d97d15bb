export interface Timer {
  cancel(): void;
}

/** Time, as the platform has it. Core never asks for time elsewhere. */
export interface Clock {
  /** Milliseconds since 1970 by the system's clock, which may jump. For timestamps alone. */
  now(): number;
  /** Milliseconds since some start; never goes back. For durations. */
  monotonic(): number;
  /** Calls `run` once, `ms` from now. */
  after(ms: number, run: () => void): Timer;
}
