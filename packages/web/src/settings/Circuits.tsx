import type { CircuitsView } from '@parley/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Name } from '../people/Name.tsx';
import { attempt } from '../state/context.ts';
import { Choice } from '../ui/Choice.tsx';

const REFRESH_MS = 5000;

type Hops = '0' | '1' | '2' | '3';
const OPTIONS: readonly (readonly [Hops, string])[] = [
  ['0', 'Off'],
  ['1', '1 server'],
  ['2', '2 servers'],
  ['3', '3 servers'],
];
const MEANING: Readonly<Record<Hops, string>> = {
  '0': 'The servers on the way see who writes to whom, and when.',
  '1': 'That one server sees both of you; the others do not.',
  '2': 'No server sees both of you, unless the two work together.',
  '3': 'No server sees both of you, unless the first and the last work together.',
};

/** Through how many servers goes what is between the user and one other person, and what stands of that now. */
export function Circuits({ hops, disabled, onChange }: { hops: number; disabled: boolean; onChange: (hops: number) => void }): ReactNode {
  const chosen = String(hops) as Hops;
  return (
    <>
      <Choice
        label="Circuits: hide with whom you talk"
        value={chosen}
        options={OPTIONS}
        disabled={disabled}
        onChange={(value) => onChange(Number(value))}
        hint={MEANING[chosen]}
      />
      <p className="quiet">
        Direct messages, contact requests and lookups then go through that many servers, each of which knows only its neighbours, or they
        wait. This takes longer. What the other person answers is hidden only if they turn this on too. Channels are not hidden: who is in
        one can be seen, and public channels can be read by everybody.
      </p>
      {hops > 0 && <Standing />}
    </>
  );
}

/** Circuits come and go: asked for while somebody looks. */
function Standing(): ReactNode {
  const context = useApp();
  const [view, setView] = useState<CircuitsView>();
  useEffect(() => {
    const ask = (): void => void attempt(context, async () => setView(await context.parley.node.circuits()));
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => clearInterval(timer);
  }, [context]);
  if (!view) return null;
  const { standing, trouble } = view;
  return (
    <>
      {trouble !== undefined && (
        <p className="field-error" role="status">
          No circuit can be made now: {inert(trouble)}. What is to be hidden waits.
        </p>
      )}
      {standing.length === 0 && trouble === undefined && <p className="quiet">There is no circuit now: one is made when it is needed.</p>}
      <ul className="servers">
        {standing.map(({ to, hops }) => (
          <li key={`${to?.node_id} ${hops.map(({ node_id }) => node_id)}`} className="server">
            <span className="server-text">
              {to ? <Name person={to} /> : <strong>Lookups</strong>}
              <span className="quiet">
                {hops.map((hop, place) => (
                  <span key={hop.node_id}>
                    {place === 0 ? 'by ' : ', '}
                    <bdi>{inert(hop.display)}</bdi>
                  </span>
                ))}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
