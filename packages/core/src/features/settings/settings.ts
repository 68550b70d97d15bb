import type { Store, TableSpec } from '../../ports/store.ts';
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
}

export type SettingName = keyof Settings;

const DEFAULTS: Settings = { readMarks: true, typing: true, presence: true };
const NAMES = Object.keys(DEFAULTS) as SettingName[];

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
    const known = kept.filter(([, value]) => value === 'on' || value === 'off').map(([name, value]) => [name, value === 'on']);
    this.#now = { ...DEFAULTS, ...Object.fromEntries(known) };
  }

  get(): Settings {
    return this.#now;
  }

  /** On disk when it resolves. Errors: `bad-argument`, those of the store. */
  async set(changes: { readonly [Name in SettingName]?: boolean | undefined }): Promise<Settings> {
    const given = NAMES.filter((name) => changes[name] !== undefined && changes[name] !== this.#now[name]);
    if (Object.values(changes).some((value) => value !== undefined && typeof value !== 'boolean'))
      throw new ParleyError('bad-argument', 'a setting is on or off');
    if (given.length === 0) return this.#now;
    await this.#store.commit(given.map((key) => ({ op: 'put', table: TABLE, key, value: changes[key] ? 'on' : 'off' })));
    this.#now = { ...this.#now, ...Object.fromEntries(given.map((name) => [name, changes[name]])) };
    this.events.emit('changed', this.#now);
    return this.#now;
  }
}
