import type { ChannelView } from '@parley/core';

/** A place in words: `#garden`, or the name of whom one talks to. Others choose names: show it through `inert`. */
export function placeOf({ kind, name }: { readonly kind?: ChannelView['kind'] | undefined; readonly name: string }): string {
  return kind === 'direct' ? name : `#${name}`;
}

const DIGITS = 4;
/** Of a whole id. */
const MOST_DIGITS = 32;

/** For channels of the same name, by id: the first digits of their ids, as many as tell these apart. */
export function tellApart(channels: readonly ChannelView[] | undefined): ReadonlyMap<string, string> {
  const named = new Map<string, string[]>();
  for (const { id, name, kind } of channels ?? []) {
    if (kind === 'direct') continue;
    const shown = name.normalize('NFKC').toLocaleLowerCase();
    named.set(shown, [...(named.get(shown) ?? []), id]);
  }
  const apart = new Map<string, string>();
  for (const ids of named.values()) {
    if (ids.length === 1) continue;
    const cut = (digits: number): string[] => ids.map((id) => id.replaceAll('-', '').slice(0, digits));
    let digits = DIGITS;
    while (digits < MOST_DIGITS && new Set(cut(digits)).size < ids.length) digits += 1;
    for (const [at, short] of cut(digits).entries()) apart.set(ids[at] ?? '', short);
  }
  return apart;
}

/** Whether a channel stands at the side: one that the user is in, or was removed from and has not taken off the list. */
export function isListed({ joined, kind, ended }: ChannelView): boolean {
  return kind !== 'direct' && (joined || ended?.removed === true);
}

/**
 * Whether the oldest message that is kept here is the first of its channel. Only who made it can tell, by `key`: they were in it from the first; and of
 * what disappears nothing stays behind.
 */
export function beginsHere({ owner, timer }: Pick<ChannelView, 'owner' | 'timer'>, key: string | undefined): boolean {
  return owner !== undefined && owner === key && timer === undefined;
}
