import type { Settings } from '../features/settings/index.ts';
import type { Node } from '../node.ts';
import type { CircuitsView, SettingsChanges, SettingsView } from './types-settings.ts';
import type { Views } from './views.ts';

/** What the local API offers about settings. */
export interface SettingsService {
  get(): SettingsView;
  /** On disk when it resolves. Errors: those of the store. */
  set(changes: SettingsChanges): Promise<SettingsView>;
  /** The circuits that stand. */
  circuits(): CircuitsView;
}

export function settingsView({ readMarks, ...others }: Settings): SettingsView {
  return { read_marks: readMarks, ...others };
}

export function settingsService({ settings, circuits }: Node, views: Views): SettingsService {
  return {
    get: () => settingsView(settings.get()),
    set: async ({ read_marks: readMarks, ...others }) => settingsView(await settings.set({ readMarks, ...others })),
    circuits: () => {
      const { wanted, circuits: standing, trouble } = circuits.status();
      return {
        wanted,
        standing: standing.map(({ destination, hops, ageMs }) => ({
          ...(destination === '' ? {} : { to: views.person(destination) }),
          hops: hops.map((nodeId) => views.person(nodeId)),
          age_s: Math.round(ageMs / 1000),
        })),
        ...(trouble === undefined ? {} : { trouble }),
      };
    },
  };
}
