import { type MemberView, membersTogether, type Together } from '@parley/core';
import { SlidersHorizontal, UserPlus } from 'lucide-react';
import { type ReactNode, useEffect, useMemo } from 'react';
import { VList } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { MemberName } from '../people/MemberName.tsx';
import { showDialog } from '../state/actions.ts';
import { loadClosed, maySendAway, ROLE_TEXTS, ROLES, rolesToGive } from '../state/closed.ts';
import { attempt } from '../state/context.ts';
import { isAway, presenceWords } from '../state/presence.ts';
import { aboutWords } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Panel } from '../ui/Panel.tsx';

type Line = { readonly heading: string } | { readonly one: Together<MemberView> };

/** Who is in a closed channel and what they may, who is invited, and how that is changed. */
export default function ClosedMembers({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const closed = useSelect((state) => state.closed[channelId]);
  const self = useSelect(({ status }) => status?.node_id);
  const own = closed?.view.role;
  const lines = useMemo(() => linesOf(closed?.members ?? []), [closed]);
  useEffect(() => {
    void attempt(context, () => loadClosed(context, channelId));
  }, [context, channelId]);
  return (
    <Panel
      title="Members"
      closeLabel="Close members"
      tools={
        rolesToGive(own, 'none').length > 0 && (
          <IconButton icon={UserPlus} label="Invite somebody" onClick={() => showDialog(context, { kind: 'invite', channelId })} />
        )
      }
    >
      <VList className="panel-list" data={lines}>
        {(line) =>
          'heading' in line ? (
            <h3 key={line.heading} className="list-heading">
              {line.heading}
            </h3>
          ) : (
            <Member
              key={line.one.person}
              one={line.one}
              self={self}
              onManage={
                mayManage(own, line.one.shown)
                  ? () => showDialog(context, { kind: 'member', channelId, nodeId: line.one.person })
                  : undefined
              }
            />
          )
        }
      </VList>
    </Panel>
  );
}

function mayManage(own: Parameters<typeof maySendAway>[0], { role = 'member' }: MemberView): boolean {
  return maySendAway(own, role) || rolesToGive(own, role).length > 1;
}

interface MemberProps {
  readonly one: Together<MemberView>;
  /** The node id of this node. */
  readonly self: string | undefined;
  readonly onManage: (() => void) | undefined;
}

function Member({ one, self: own, onManage }: MemberProps): ReactNode {
  const { person, shown: member, nodes } = one;
  const context = useApp();
  const self = nodes.some(({ node_id }) => node_id === own);
  const here = member.present || self;
  return (
    <div className="member-row">
      <button
        type="button"
        className={`person-row ${here ? '' : 'person-away'}`}
        onClick={() => showDialog(context, { kind: 'person', nodeId: self && own !== undefined ? own : person })}
      >
        <Avatar person={member} size={32} present={here} away={isAway(member)} />
        <MemberName one={one} />
        <span className="sr-only">{self ? '' : presenceWords(member)}</span>
        <span className="quiet">{aboutWords(self && 'you', ROLE_TEXTS[member.role ?? 'member'].name.toLowerCase())}</span>
      </button>
      {onManage && !self && <IconButton icon={SlidersHorizontal} label={`Role of ${inert(member.display)}`} onClick={onManage} />}
    </div>
  );
}

function linesOf(members: readonly MemberView[]): Line[] {
  const rank = ({ role = 'member' }: MemberView): number => ROLES.indexOf(role);
  const sorted = membersTogether(members).sort(({ shown: a }, { shown: b }) => rank(a) - rank(b) || a.display.localeCompare(b.display));
  const section = (title: string, list: readonly Together<MemberView>[]): Line[] =>
    list.length === 0 ? [] : [{ heading: `${title} (${list.length})` }, ...list.map((one) => ({ one }))];
  return [
    ...section(
      'In the channel',
      sorted.filter(({ shown }) => !shown.invited),
    ),
    ...section(
      'Invited',
      sorted.filter(({ shown }) => shown.invited),
    ),
  ];
}
