import { type ChangeView, changeWords, type Person } from '@parley/core';
import type { ReactNode } from 'react';
import { Name, usePerson } from '../people/Name.tsx';
import { lifetimeWords } from '../state/words.ts';
import { fullTime } from '../ui/time.ts';
import { textPieces } from './textPieces.tsx';

/** What somebody has changed about a conversation. */
export function ChangeLine({ change }: { change: ChangeView }): ReactNode {
  return (
    <p className="change" title={fullTime(change.time)}>
      {changeWords(change, lifetimeWords).map((piece, index) => {
        const key = `${index}`;
        if (typeof piece === 'string') return <span key={key}>{piece}</span>;
        return 'person' in piece ? <Known key={key} person={piece.person} /> : <bdi key={key}>“{textPieces(piece.quoted)}”</bdi>;
      })}
    </p>
  );
}

function Known({ person }: { person: Person }): ReactNode {
  return <Name person={usePerson(person)} />;
}
