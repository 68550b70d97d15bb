import { SeededRandom } from '@parley/sim';

/** Something to throw inputs at. `run` throws when one does what it must not. */
export interface Target {
  readonly name: string;
  run(seed: string, inputs: number, progress?: Progress): Promise<void>;
}

/** Told of each input before it is put in, for whoever watches over a run. */
export type Progress = (input: number) => void;

/** Takes inputs, one at a time; throws, or rejects, when one does what it must not. */
export interface Trial {
  input(random: SeededRandom): unknown;
  /** What was put in last, for people. */
  last(): string;
  /** Now and then, and at the end: what shows only once everything has settled. */
  check?(): Promise<void>;
}

/** What failed, and how to see it again. */
export class FuzzFailure extends Error {
  constructor(target: string, seed: string, number: number, input: string, cause: unknown) {
    super(
      `${target}: input ${number} of seed ${seed}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n${input}\n` +
        `again: npm run fuzz -- --target ${target} --seed ${seed} --runs ${number}`,
      { cause },
    );
  }
}

/** One input may take so much of a processor's time, whatever else the machine does; what takes more holds up everybody else. */
const SLOW_MICROSECONDS = 5_000_000;
const CHECK_EVERY = 1000;
/** Inputs after which the state is made anew: what comes early in a life is tried often, and no state grows without end. */
const INPUTS_A_TRIAL = 5000;

/** A target whose inputs come from a seed: the same seed gives the same inputs, however many of them are asked for. */
export function target(name: string, begin: (random: SeededRandom) => Trial | Promise<Trial>): Target {
  return {
    name,
    async run(seed, inputs, progress) {
      const random = new SeededRandom(`${seed} ${name}`);
      let trial: Trial | undefined;
      let number = 0;
      try {
        while (number < inputs) {
          if (number % INPUTS_A_TRIAL === 0) {
            await trial?.check?.();
            trial = undefined;
          }
          trial ??= await begin(random.fork(`state ${number}`));
          number++;
          progress?.(number);
          const began = process.cpuUsage();
          const done = trial.input(random);
          // A promise costs a turn: only those wait that have to.
          if (done instanceof Promise) await done;
          const { user, system } = process.cpuUsage(began);
          if (user + system > SLOW_MICROSECONDS) throw new Error('this input took long');
          if (number % CHECK_EVERY === 0) await trial.check?.();
        }
        await trial?.check?.();
      } catch (error) {
        throw new FuzzFailure(name, seed, number, readable(trial?.last() ?? 'before the first input'), error);
      }
    },
  };
}

/** Fails unless it holds. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const READABLE = 4000;

/** What a person is shown of an input: bytes that are no text as hexadecimal, and not all of what is long. */
export function readable(input: Uint8Array | string): string {
  if (typeof input === 'string') return input.length > READABLE ? `${input.slice(0, READABLE)} … (${input.length} characters)` : input;
  try {
    return readable(new TextDecoder('utf-8', { fatal: true }).decode(input));
  } catch {
    return `hex ${readable(Buffer.from(input).toString('hex'))}`;
  }
}
