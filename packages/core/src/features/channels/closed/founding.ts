import type { Entry } from './entry.ts';

/** Bytes of entries in one INVITE, about. */
const PART_BYTES = 256 * 1024;

const bytesOf = (entries: readonly Entry[]): number => entries.reduce((sum, { signed }) => sum + signed.length, 0);

/** Of entries that took effect, those from which alone follows what these keys are, and what the channel is called. In their order. */
export function founding(entries: readonly Entry[], keys: readonly string[]): Entry[] {
  const settings = entries.findLast(({ kind }) => kind === 'settings');
  // What was said of a key counts by what its signer was, which others have said in turn: a set is walked with what is added meanwhile.
  const needed = new Set(settings ? [...keys, settings.signer] : keys);
  for (const key of needed)
    for (const entry of entries) {
      if (entry.kind !== 'role') continue;
      if (entry.member === key) needed.add(entry.signer);
      // And by whether it has handed on its place.
      if (entry.successor && entry.signer === key) needed.add(entry.member);
    }
  return entries.filter((entry) => entry === settings || (entry.kind === 'role' && needed.has(entry.member)));
}

/** All entries as INVITE carries them: each part shows by itself that these keys are in the channel, so that it does not matter which comes first. */
export function inParts(entries: readonly Entry[], keys: readonly string[]): (readonly Entry[])[] {
  if (bytesOf(entries) <= PART_BYTES) return [entries];
  const base = founding(entries, keys);
  const room = Math.max(PART_BYTES - bytesOf(base), PART_BYTES / 4);
  const known = new Set(base);
  const parts: Entry[][] = [[]];
  let bytes = 0;
  for (const entry of entries) {
    if (known.has(entry)) continue;
    bytes += entry.signed.length;
    if (bytes > room) {
      parts.push([]);
      bytes = entry.signed.length;
    }
    parts.at(-1)?.push(entry);
  }
  return parts.map((part) => [...base, ...part]);
}
