import { type Person, personOfNode } from '@parley/core';
import { memo, type ReactNode } from 'react';
import { identicon } from './identicon.ts';

interface AvatarProps {
  readonly person: Pick<Person, 'node_id' | 'of'>;
  readonly size?: number;
  /** Whether to show that they are here. */
  readonly present?: boolean;
  /** That they are in reach, and have left their device. */
  readonly away?: boolean;
}

/** A pattern made of somebody's id, the same for all their devices. Their name stands beside it, so it says nothing to those who listen. */
export const Avatar = memo(function Avatar({ person, size = 36, present, away = false }: AvatarProps): ReactNode {
  const { hue, cells } = identicon(personOfNode(person));
  return (
    <span className={`avatar hue-${hue}`} aria-hidden="true">
      <svg aria-hidden="true" width={size} height={size} viewBox="0 0 9 9">
        <rect className="avatar-ground" width="9" height="9" rx="2.6" />
        {cells.map(([x, y]) => (
          <rect key={`${x} ${y}`} className="avatar-cell" x={x + 2} y={y + 2} width="1.02" height="1.02" />
        ))}
      </svg>
      {present !== undefined && <span className={`presence ${present ? (away ? 'presence-away' : 'presence-here') : ''}`} />}
    </span>
  );
});
