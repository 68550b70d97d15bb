/** Times as people read them, in the language and the zone of the browser. */
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const date = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dateOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const short = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

const DAY_MS = 86_400_000;

export const clockTime = (time: string): string => clock.format(new Date(time));
export const fullTime = (time: string): string => full.format(new Date(time));

/** `Today`, `Yesterday`, `Monday`, `3 March`, `3 March 2024`. `day`: `2026-03-03`. */
export function dayWords(day: string, now = new Date()): string {
  const [year = 0, month = 1, dayOfMonth = 1] = day.split('-').map(Number);
  const then = new Date(year, month - 1, dayOfMonth);
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.round((today.getTime() - then.getTime()) / DAY_MS);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 6) return weekday.format(then);
  return then.getFullYear() === now.getFullYear() ? date.format(then) : dateOfYear.format(then);
}

/** A time of any day, short: today's as a time, others with their date. */
export function shortTime(time: string, now = new Date()): string {
  const then = new Date(time);
  return then.toDateString() === now.toDateString() ? clock.format(then) : `${short.format(then)}, ${clock.format(then)}`;
}
