import type { ChannelView } from '@parley/core';
import { Hash, Lock, User } from 'lucide-react';
import type { ReactNode } from 'react';

/** What kind of channel something is, for those who look; `KIND_WORDS` is for those who listen. */
export function ChannelIcon({ kind, className }: { kind: ChannelView['kind']; className?: string }): ReactNode {
  const Icon = kind === 'closed' ? Lock : kind === 'direct' ? User : Hash;
  return <Icon aria-hidden="true" className={className} />;
}
