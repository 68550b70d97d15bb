import type { Person, Together } from '@parley/core';
import type { ReactNode } from 'react';
import { devicesWords } from '../state/words.ts';
import { Name } from './Name.tsx';

/** Who a member is, and below that with how many devices they are in the channel where it is more than one. */
export function MemberName({ one: { shown, nodes } }: { one: Together<Person> }): ReactNode {
  const devices = devicesWords(nodes.length);
  return (
    <span className="member-name">
      <Name person={shown} />
      {devices && <span className="quiet">{devices}</span>}
    </span>
  );
}
