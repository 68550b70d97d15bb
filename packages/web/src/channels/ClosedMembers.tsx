import type { MemberView } from '@parley/core';
import { SlidersHorizontal, UserPlus } from 'lucide-react';
import { type ReactNode, useEffect, useMemo } from 'react';
import { VList } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name } from '../people/Name.tsx';
import { showDialog } from '../state/actions.ts';
import { loadClosed, maySendAway, ROLE_WORDS, ROLES, rolesToGive } from '../state/closed.ts';
import { attempt } from '../state/context.ts';
import { isAway, presenceWords } from '../state/presence.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { Panel } from '../ui/Panel.tsx';

type Line = { readonly heading: string } | { readonly member: MemberView };

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
              key={line.member.node_id}
              member={line.member}
              self={line.member.node_id === self}
              onManage={
                line.member.node_id !== self && mayManage(own, line.member)
                  ? () => showDialog(context, { kind: 'member', channelId, nodeId: line.member.node_id })
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
  readonly member: MemberView;
  readonly self: boolean;
  readonly onManage: (() => void) | undefined;
}

function Member({ member, self, onManage }: MemberProps): ReactNode {
  const context = useApp();
  const here = member.present || self;
  return (
    <div className="member-row">
      <button
        type="button"
        className={`person-row ${here ? '' : 'person-away'}`}
        onClick={() => showDialog(context, { kind: 'person', nodeId: member.node_id })}
      >
        <Avatar person={member} size={32} present={here} away={isAway(member)} />
        <Name person={member} />
        <span className="sr-only">{self ? '' : presenceWords(member)}</span>
        <span className="quiet">
          {self ? 'you, ' : ''}
          {ROLE_WORDS[member.role ?? 'member'].name.toLowerCase()}
        </span>
      </button>
      {onManage && <IconButton icon={SlidersHorizontal} label={`Role of ${inert(member.display)}`} onClick={onManage} />}
    </div>
  );
}

function linesOf(members: readonly MemberView[]): Line[] {
  const rank = ({ role = 'member' }: MemberView): number => ROLES.indexOf(role);
  const sorted = [...members].sort((a, b) => rank(a) - rank(b) || a.display.localeCompare(b.display));
  const section = (title: string, list: readonly MemberView[]): Line[] =>
    list.length === 0 ? [] : [{ heading: `${title} (${list.length})` }, ...list.map((member) => ({ member }))];
  return [
    ...section(
      'In it',
      sorted.filter(({ invited }) => !invited),
    ),
    ...section(
      'Invited',
      sorted.filter(({ invited }) => invited),
    ),
  ];
}
