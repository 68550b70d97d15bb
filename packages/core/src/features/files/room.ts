import { ParleyError } from '../../util/errors.ts';
import type { FileConfig } from './config.ts';
import type { FileRecord } from './shelf.ts';

/** Of the fetches that nobody asked for, one member's are at most a tenth; a stranger's have at most a quarter of their room, or are one. */
const SHARE = 10;
const SHARE_OF_BYTES = 4;
/** Of both, so much is strangers': the rest is left to those whom the user knows. */
const STRANGERS = 0.5;
/** Of the files that are known of, so many may be there unasked, however small, and whether or not they could be had. */
const UNASKED = 0.5;

interface WantedFile {
  readonly size: number;
  /** Who has named it. */
  readonly sender: string;
  readonly asked: boolean;
}

const bytesOf = (records: readonly FileRecord[]): number => records.reduce((sum, { size }) => sum + size, 0);

/**
 * Why there is no room for another file among those that are kept; undefined where there is. What members name is fetched unasked only so far, and what its
 * user asks for, or somebody named whom they know, does not wait for that: names of files that nobody has cost nothing. `isKnown`: of a node. Pure.
 */
export function refusalOf(
  kept: readonly FileRecord[],
  wanted: WantedFile,
  config: FileConfig,
  isKnown: (nodeId: string) => boolean,
): ParleyError | undefined {
  const { maxFileBytes, maxBytes, maxUnfinished } = config;
  const { size, asked } = wanted;
  if (size > maxFileBytes) return new ParleyError('too-large', `a file has at most ${maxFileBytes} bytes`);
  const unfinished = kept.filter((one) => one.state === 'fetching' && (one.asked !== false) === asked);
  if (unfinished.length >= maxUnfinished) return new ParleyError('quota', `at most ${maxUnfinished} files are fetched at a time`);
  const refusal = asked ? undefined : refusalUnasked(kept, wanted, config, isKnown);
  if (refusal) return refusal;
  const taken = kept.filter((one) => one.state === 'here' || one.state === 'fetching');
  if (bytesOf(taken) + size > maxBytes) return new ParleyError('quota', `files have at most ${maxBytes} bytes together: remove some`);
  return undefined;
}

function refusalUnasked(
  kept: readonly FileRecord[],
  { size, sender }: WantedFile,
  { maxUnfinished, maxAutoBytes, maxFiles }: FileConfig,
  isKnown: (nodeId: string) => boolean,
): ParleyError | undefined {
  const known = isKnown(sender);
  // Those whom the user knows may have all of it, strangers a part.
  const part = known ? 1 : STRANGERS;
  const all = kept.filter((one) => one.asked === false && (known || !isKnown(one.sender)));
  const files = part * UNASKED * maxFiles;
  if (all.length >= files) return new ParleyError('quota', `at most ${files} files that nobody has asked for are kept`);
  const unasked = all.filter(({ state }) => state !== 'failed');
  const unfinished = unasked.filter(({ state }) => state === 'fetching');
  const theirs = unfinished.filter((one) => one.sender === sender);
  const most = part * maxUnfinished;
  if (unfinished.length >= most || theirs.length >= Math.max(1, maxUnfinished / SHARE))
    return new ParleyError('quota', `at most ${most} files that nobody has asked for are fetched at a time`);
  const room = part * maxAutoBytes;
  const share = !known && theirs.length > 0 && bytesOf(theirs) + size > room / SHARE_OF_BYTES;
  if (share || bytesOf(unasked) + size > room)
    return new ParleyError('quota', `files that nobody has asked for have at most ${room} bytes together`);
  return undefined;
}
