/** How this browser likes its Parley; nothing of it leaves the browser. */
export type NotifyLevel = 'off' | 'mentions' | 'all';

export interface Settings {
  readonly theme: 'system' | 'light' | 'dark';
  /** Whether a message may show a notification while the page is hidden. */
  readonly notifications: boolean;
  /** Whether it says who wrote what: also to whoever sees a locked screen. */
  readonly notifyText: boolean;
  /** What a channel without a setting of its own does. */
  readonly notifyDefault: NotifyLevel;
  readonly notifyChannel: Readonly<Record<string, NotifyLevel>>;
  readonly enterSends: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  theme: 'system',
  notifications: false,
  notifyText: true,
  notifyDefault: 'mentions',
  notifyChannel: {},
  enterSends: true,
};

const THEMES: readonly unknown[] = ['system', 'light', 'dark'];
const LEVELS: readonly unknown[] = ['off', 'mentions', 'all'];

/** Settings as they were kept; what is missing or of another shape takes its default. */
export function readSettings(kept: string | null): Settings {
  const found = parsed(kept);
  const channels = Object.entries(isRecord(found.notifyChannel) ? found.notifyChannel : {}).filter(([, level]) => LEVELS.includes(level));
  return {
    theme: THEMES.includes(found.theme) ? (found.theme as Settings['theme']) : DEFAULT_SETTINGS.theme,
    notifications: found.notifications === true,
    notifyText: found.notifyText !== false,
    notifyDefault: LEVELS.includes(found.notifyDefault) ? (found.notifyDefault as NotifyLevel) : DEFAULT_SETTINGS.notifyDefault,
    notifyChannel: Object.fromEntries(channels) as Record<string, NotifyLevel>,
    enterSends: found.enterSends !== false,
  };
}

function parsed(kept: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(kept ?? '{}');
    return isRecord(value) ? value : {};
  } catch {
    // Something else wrote there.
    return {};
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
