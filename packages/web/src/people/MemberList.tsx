import type { Person } from '@parley/core';
import { type ReactNode, useMemo } from 'react';
import { VList } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { isAway, presenceWords } from '../state/presence.ts';
import { Panel } from '../ui/Panel.tsx';
import { Avatar } from './Avatar.tsx';
import { Name } from './Name.tsx';

type Line = { readonly heading: string } | { readonly person: Person; readonly self: boolean };

const NOBODY: readonly string[] = [];

export function MemberList({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const ids = useSelect(({ members }) => members[channelId] ?? NOBODY);
  const people = useSelect((state) => state.people);
  const own = useSelect(({ status }) => status?.node_id);
  const lines = useMemo(() => linesOf(ids, people, own), [ids, people, own]);
  return (
    <Panel title="Members" closeLabel="Close members">
      <VList className="panel-list" data={lines}>
        {(line) =>
          'heading' in line ? (
            <h3 key={line.heading} className="list-heading">
              {line.heading}
            </h3>
          ) : (
            <button
              key={line.person.node_id}
              type="button"
              className={`person-row ${line.person.present || line.self ? '' : 'person-away'}`}
              onClick={() => showDialog(context, { kind: 'person', nodeId: line.person.node_id })}
            >
              <Avatar person={line.person} size={32} present={line.person.present || line.self} away={isAway(line.person)} />
              <Name person={line.person} />
              <span className="sr-only">{line.self ? '' : presenceWords(line.person)}</span>
              {line.self && <span className="quiet">you</span>}
            </button>
          )
        }
      </VList>
    </Panel>
  );
}

function linesOf(ids: readonly string[], people: Readonly<Record<string, Person>>, own: string | undefined): Line[] {
  const known = ids
    .map((id): Person => people[id] ?? { node_id: id, display: id.replaceAll('-', '').slice(0, 10), present: false })
    .sort((a, b) => a.display.localeCompare(b.display));
  const here = known.filter(({ present, node_id }) => present || node_id === own);
  const away = known.filter(({ present, node_id }) => !present && node_id !== own);
  const section = (title: string, list: readonly Person[]): Line[] =>
    list.length === 0
      ? []
      : [{ heading: `${title} (${list.length})` }, ...list.map((person) => ({ person, self: person.node_id === own }))];
  return [...section('Here', here), ...section('Away', away)];
}
