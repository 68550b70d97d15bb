import type { Store, StoreWrite, TableSpec } from '../../ports/store.ts';
import { ParleyError } from '../../util/errors.ts';
import { Emitter } from '../../util/events.ts';

const TABLE = 'settings';
export const settingTables: readonly TableSpec[] = [{ name: TABLE, small: true, backup: {} }];

/** What the user tells others of what they do, and sees of others in return. */
export interface Settings {
  /** Marks that messages were read, in conversations of two and in small closed channels. */
  readonly readMarks: boolean;
  /** That the user is writing, in the same places. */
  readonly typing: boolean;
  /** To contacts: whether the user is there, and when they last were. */
  readonly presence: boolean;
  /** Links of the own with those to whom the user writes, who so see the address of this node, and answers to contacts who ask for one. */
  readonly direct: boolean;
  /** Servers through which direct messages and lookups go, so that none of them sees both ends: 1 to 3, or 0 for no circuits. */
  readonly circuits: number;
}

export type SettingName = keyof Settings;

const DEFAULTS: Settings = { readMarks: true, typing: true, presence: true, direct: true, circuits: 0 };
const NAMES = Object.keys(DEFAULTS) as SettingName[];

/** Which values a setting may have, the way they are kept. */
const SWITCH = new Map<string, boolean>([
  ['on', true],
  ['off', false],
]);
const HOPS = new Map([0, 1, 2, 3].map((hops) => [String(hops), hops]));
const VALUES: { readonly [Name in SettingName]: ReadonlyMap<string, Settings[Name]> } = {
  readMarks: SWITCH,
  typing: SWITCH,
  presence: SWITCH,
  direct: SWITCH,
  circuits: HOPS,
};

const textOf = (name: SettingName, value: unknown): string | undefined => [...VALUES[name]].find(([, known]) => known === value)?.[0];

/** How the user of this node likes it. One value a row, so that versions with other settings leave each other's alone. */
export class UserSettings {
  readonly events: Emitter<{ changed: Settings }>;
  readonly #store: Store;
  #now: Settings = DEFAULTS;

  constructor(store: Store, failed: (error: unknown) => void) {
    this.#store = store;
    this.events = new Emitter(failed);
  }

  async start(): Promise<void> {
    const kept = await Promise.all(NAMES.map(async (name) => [name, await this.#store.get(TABLE, name)] as const));
    const known = kept.flatMap(([name, value]) => {
      const found = typeof value === 'string' ? VALUES[name].get(value) : undefined;
      return found === undefined ? [] : [[name, found]];
    });
    this.#now = { ...DEFAULTS, ...Object.fromEntries(known) };
  }

  get(): Settings {
    return this.#now;
  }

  /** Another device of the user has a setting like this: so has this one, where others see less by it. Errors: those of the store. */
  async takeOver(setting: string, value: unknown): Promise<void> {
    const name = NAMES.find((known) => known === setting);
    if (!name || textOf(name, value) === undefined) return;
    const showsLess = typeof value === 'number' ? value > Number(this.#now[name]) : value === false;
    if (showsLess) await this.set({ [name]: value });
  }

  /** On disk when it resolves. Errors: `bad-argument`, those of the store. */
  async set(changes: { readonly [Name in SettingName]?: Settings[Name] | undefined }): Promise<Settings> {
    const given = NAMES.filter((name) => changes[name] !== undefined && changes[name] !== this.#now[name]);
    const writes = given.map((name): StoreWrite => {
      const value = textOf(name, changes[name]);
      if (value === undefined)
        throw new ParleyError('bad-argument', `a setting has one of its values: ${[...VALUES[name].keys()].join(', ')}`);
      return { op: 'put', table: TABLE, key: name, value };
    });
    if (writes.length === 0) return this.#now;
    await this.#store.commit(writes);
    this.#now = { ...this.#now, ...Object.fromEntries(given.map((name) => [name, changes[name]])) };
    this.events.emit('changed', this.#now);
    return this.#now;
  }
}
