import type { ReactNode } from 'react';
import { errorWords } from '../state/words.ts';
import { part } from '../ui/part.tsx';
import { Failed, Locked, Starting } from './Gates.tsx';
import { useSelect } from './hooks.ts';
import { Welcome } from './Welcome.tsx';

/** A chunk of its own: whoever comes for the first time is asked for a name while it loads. */
export const Main = part(() => import('./Main.tsx'), <Starting />);

/** What is shown follows from where the node stands. */
export function Root(): ReactNode {
  const phase = useSelect((state) => state.phase);
  const known = useSelect(({ shell }) => shell !== undefined);
  switch (phase.phase) {
    case 'new':
      return <Welcome />;
    case 'locked':
      return <Locked name={phase.name} keyId={phase.keyId} />;
    case 'failed':
      return <Failed message={errorWords(phase.code, phase.message)} code={phase.code} />;
    case 'starting':
    case 'running':
      if (phase.phase === 'starting' && !known) return <Starting />;
      return <Main />;
  }
}
