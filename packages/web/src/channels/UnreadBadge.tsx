import type { ReactNode } from 'react';

/** How much waits behind a name; nothing where nothing does. */
export function UnreadBadge({ unread, words = 'unread' }: { unread: number; words?: string }): ReactNode {
  if (unread <= 0) return null;
  return (
    <span className="badge">
      {unread > 99 ? '99+' : unread}
      <span className="sr-only"> {words}</span>
    </span>
  );
}
