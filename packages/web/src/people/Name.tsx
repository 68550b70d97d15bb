import { type Person, personOfNode } from '@parley/core';
import { type ReactNode, useMemo } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { textPieces } from '../chat/textPieces.tsx';
import { showDialog } from '../state/actions.ts';
import { selfOf, whoseDialog } from '../state/self.ts';
import { personOf } from '../state/timeline.ts';
import { nameParts } from '../state/words.ts';
import { identicon } from './identicon.ts';

/** What is known of somebody now, rather than when a message of theirs came. */
export function usePerson(person: Person): Person {
  return useSelect(({ people }) => personOf(people, person));
}

/** This user, as they are drawn. */
export function useSelf(): ReturnType<typeof selfOf> {
  const node = useSelect(({ status, shell }) => status ?? shell);
  const devices = useSelect((state) => state.devices);
  return useMemo(() => selfOf(node, devices), [node, devices]);
}

/** `name#1a2b`, isolated from what stands around it. The number stands back: it only tells those of one name apart. */
export function Name({
  person,
  coloured = false,
}: {
  person: Pick<Person, 'node_id' | 'name' | 'display' | 'of'>;
  coloured?: boolean;
}): ReactNode {
  const { name, digits } = nameParts(person);
  return (
    <bdi className={coloured ? `name hue-${identicon(personOfNode(person)).hue}` : 'name'}>
      <span className="name-text">{textPieces(name)}</span>
      {digits !== '' && <span className="name-digits">{digits}</span>}
    </bdi>
  );
}

/** Opens who stands behind a name or a picture. */
export function useShow(person: Person): () => void {
  const context = useApp();
  return () => showDialog(context, { kind: 'person', nodeId: whoseDialog(context.store.get(), person) });
}

/** A name that opens who stands behind it. */
export function NameButton({ person }: { person: Person }): ReactNode {
  const show = useShow(person);
  return (
    <button type="button" className="name-button" onClick={show}>
      <Name person={person} coloured />
    </button>
  );
}
