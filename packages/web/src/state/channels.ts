import type { ChannelView } from '@parley/core';

/** A place in words: `#garden`, or the name of whom one talks to. Others choose names: show it through `inert`. */
export function placeOf({ kind, name }: { readonly kind?: ChannelView['kind'] | undefined; readonly name: string }): string {
  return kind === 'direct' ? name : `#${name}`;
}
