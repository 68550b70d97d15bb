import { Launcher } from './launcher.ts';
import type { Better } from './stats.ts';

/** A program under measurement. Each of its roles is played by a process of its own, which is made by calling the role. */
export interface Subject<Roles> {
  readonly roles: { readonly [K in keyof Roles]: () => Roles[K] | Promise<Roles[K]> };
}

/** What a subject is in a comparison: Parley itself, one of its peers, or the bare primitives doing the same job. */
export type Standing = 'parley' | 'peer' | 'limit';

export interface SubjectEntry<Roles> {
  /** As it appears in results, such as `js-libp2p tcp+tls+yamux`. */
  readonly name: string;
  readonly standing: Standing;
  /** Loaded in the child processes alone, so that nobody pays for the dependencies of another subject. */
  load(): Promise<Subject<Roles>>;
}

/** What one run of one subject came to. */
export interface Sample {
  /** In the bench's unit. */
  readonly value: number;
  /** Further figures, by name with unit (`p99_ms`). */
  readonly also: Readonly<Record<string, number>>;
}

/** What Parley is to reach in a layout: so many times the best peer, or so much of the limit, whichever is the lower. */
export interface Goal {
  readonly ratio: number;
  readonly of_limit?: number;
}

export interface RunOptions {
  /** Less work, for a look. */
  readonly quick: boolean;
}

export interface BenchDefinition<Roles> {
  readonly name: string;
  readonly unit: string;
  readonly better: Better;
  /** How the work is spread over processes; each layout is measured and reported by itself. */
  readonly layouts: readonly string[];
  /** Further figures in which a subject is compared, and what is better. */
  readonly alsoCompared?: Readonly<Record<string, Better>>;
  /** By layout. */
  readonly goals?: Readonly<Record<string, Goal>>;
  readonly execArgv?: readonly string[];
  readonly subjects: readonly SubjectEntry<Roles>[];
  /** One run: starts processes, lets them work, and says what they achieved. Closing them is the caller's. */
  measure(launcher: Launcher<Roles>, layout: string, options: RunOptions): Promise<Sample>;
}

/** A bench whose roles are known to itself alone. */
export interface Bench extends Omit<BenchDefinition<never>, 'subjects' | 'measure'> {
  readonly subjects: readonly Pick<SubjectEntry<never>, 'name' | 'standing'>[];
  /** One run of the subject, its processes started from `script` and ended. */
  run(subject: string, layout: string, script: URL, options: RunOptions): Promise<Sample>;
  /** Makes a role of the subject in this process. */
  role(subject: string, role: string): Promise<object>;
}

export function defineBench<Roles extends { [K in keyof Roles]: object }>(definition: BenchDefinition<Roles>): Bench {
  return {
    ...definition,
    async run(subject, layout, script, options) {
      const launcher = new Launcher<Roles>(script, [definition.name, subject], definition.execArgv ?? []);
      try {
        const sample = await definition.measure(launcher, layout, options);
        if (!(sample.value > 0 && Number.isFinite(sample.value))) throw new RangeError(`measured ${sample.value} ${definition.unit}`);
        return sample;
      } finally {
        await launcher.close();
      }
    },
    async role(subject, role) {
      const entry = definition.subjects.find((each) => each.name === subject);
      if (entry === undefined) throw new RangeError(`${definition.name} has no subject ${subject}`);
      const { roles } = await entry.load();
      const isRole = (name: string): name is keyof Roles & string => Object.hasOwn(roles, name);
      if (!isRole(role)) throw new RangeError(`${subject} has no role ${role}`);
      return roles[role]();
    },
  };
}
