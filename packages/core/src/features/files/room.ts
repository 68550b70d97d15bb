import { ParleyError } from '../../util/errors.ts';
import type { FileConfig } from './config.ts';
import type { FileRecord } from './shelf.ts';

/** Of the fetches that nobody asked for, one member's are at most a tenth. */
const SHARE = 10;

interface WantedFile {
  readonly size: number;
  /** Who has named it. */
  readonly sender: string;
  readonly asked: boolean;
}

const bytesOf = (records: readonly FileRecord[]): number => records.reduce((sum, { size }) => sum + size, 0);

/**
 * Why there is no room for another file among those that are kept; undefined where there is. What members name is fetched unasked only so far, and what its
 * user asks for does not wait for that: names of files that nobody has cost nothing. Pure.
 */
export function refusalOf(kept: readonly FileRecord[], wanted: WantedFile, config: FileConfig): ParleyError | undefined {
  const { maxFileBytes, maxBytes, maxUnfinished, maxAutoBytes } = config;
  const { size, sender, asked } = wanted;
  if (size > maxFileBytes) return new ParleyError('too-large', `a file has at most ${maxFileBytes} bytes`);
  const unfinished = kept.filter((one) => one.state === 'fetching' && (one.asked !== false) === asked);
  const theirs = unfinished.filter((one) => one.sender === sender).length;
  if (unfinished.length >= maxUnfinished || (!asked && theirs >= Math.max(1, maxUnfinished / SHARE)))
    return new ParleyError('quota', `at most ${maxUnfinished} files are fetched at a time`);
  const unasked = kept.filter((one) => one.asked === false && one.state !== 'failed');
  if (!asked && bytesOf(unasked) + size > maxAutoBytes)
    return new ParleyError('quota', `files that nobody has asked for have at most ${maxAutoBytes} bytes together`);
  const taken = kept.filter((one) => one.state === 'here' || one.state === 'fetching');
  if (bytesOf(taken) + size > maxBytes) return new ParleyError('quota', `files have at most ${maxBytes} bytes together: remove some`);
  return undefined;
}
