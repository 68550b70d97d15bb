import { membersTogether, type Person, type Together } from '@parley/core';
import { type ReactNode, useMemo } from 'react';
import { VList } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { isAway, presenceWords } from '../state/presence.ts';
import { Panel } from '../ui/Panel.tsx';
import { Avatar } from './Avatar.tsx';
import { MemberName } from './MemberName.tsx';

type Line = { readonly heading: string } | { readonly one: Together<Person>; readonly self: boolean };

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
              key={line.one.person}
              type="button"
              className={`person-row ${line.one.shown.present || line.self ? '' : 'person-away'}`}
              onClick={() => showDialog(context, { kind: 'person', nodeId: line.self && own !== undefined ? own : line.one.person })}
            >
              <Avatar person={line.one.shown} size={32} present={line.one.shown.present || line.self} away={isAway(line.one.shown)} />
              <MemberName one={line.one} />
              <span className="sr-only">{line.self ? '' : presenceWords(line.one.shown)}</span>
              {line.self && <span className="quiet">you</span>}
            </button>
          )
        }
      </VList>
    </Panel>
  );
}

function linesOf(ids: readonly string[], people: Readonly<Record<string, Person>>, own: string | undefined): Line[] {
  const known = membersTogether(
    ids.map((id): Person => people[id] ?? { node_id: id, display: id.replaceAll('-', '').slice(0, 10), present: false }),
  ).sort((a, b) => a.shown.display.localeCompare(b.shown.display));
  const isSelf = ({ nodes }: Together<Person>): boolean => nodes.some(({ node_id }) => node_id === own);
  const here = known.filter((one) => one.shown.present || isSelf(one));
  const away = known.filter((one) => !one.shown.present && !isSelf(one));
  const section = (title: string, list: readonly Together<Person>[]): Line[] =>
    list.length === 0 ? [] : [{ heading: `${title} (${list.length})` }, ...list.map((one) => ({ one, self: isSelf(one) }))];
  return [...section('Here', here), ...section('Away', away)];
}
