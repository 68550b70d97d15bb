import type { ReactNode } from 'react';
import { errorWords } from '../state/words.ts';
import { Failed, Locked, Starting } from './Gates.tsx';
import { useSelect } from './hooks.ts';
import { Main } from './Main.tsx';
import { Welcome } from './Welcome.tsx';

/** What is shown follows from where the node stands. */
export function Root(): ReactNode {
  const phase = useSelect((state) => state.phase);
  switch (phase.phase) {
    case 'starting':
      return <Starting />;
    case 'new':
      return <Welcome />;
    case 'locked':
      return <Locked name={phase.name} keyId={phase.keyId} />;
    case 'failed':
      return <Failed message={errorWords(phase.code, phase.message)} code={phase.code} />;
    case 'running':
      return <Main />;
  }
}
