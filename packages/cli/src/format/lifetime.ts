const UNITS = { m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
const WORDS = { w: 'week', d: 'day', h: 'hour', m: 'minute' } as const;
const ORDER = ['w', 'd', 'h', 'm'] as const;
const MAX_S = 4 * UNITS.w;

export const LIFETIME_USAGE = 'It is off, or a time from 1m to 4w: 30m, 1h, 7d.';

/** Seconds, 0 for `off`; undefined for what is no lifetime. */
export function parseLifetime(text: string): number | undefined {
  if (text === 'off') return 0;
  const match = /^(\d{1,6})([mhdw])$/.exec(text);
  const seconds = match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : 0;
  return seconds >= UNITS.m && seconds <= MAX_S ? seconds : undefined;
}

/** In the largest unit that fits. */
export function lifetimeWords(seconds: number): string {
  const unit = ORDER.find((each) => seconds % UNITS[each] === 0);
  if (seconds === 0 || unit === undefined) return seconds === 0 ? 'off' : `${seconds} seconds`;
  const count = seconds / UNITS[unit];
  return `${count} ${WORDS[unit]}${count === 1 ? '' : 's'}`;
}
