import type { Person, Role } from '@parley/core';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name } from '../people/Name.tsx';
import { showDialog } from '../state/actions.ts';
import { candidates, invite, loadClosed, ROLE_TEXTS, rolesToGive } from '../state/closed.ts';
import { attempt } from '../state/context.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Choice } from '../ui/Choice.tsx';
import { Field } from '../ui/Field.tsx';
import { Sheet } from '../ui/Sheet.tsx';

const MAX_SHOWN = 50;

/** Invites contacts, and others that one has met. */
export function InviteDialog({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const [query, setQuery] = useState('');
  const [role, setRole] = useState<Role>('member');
  const name = useSelect(({ channels }) => channels?.find(({ id }) => id === channelId)?.name ?? '');
  const closed = useSelect((state) => state.closed[channelId]);
  const contacts = useSelect((state) => state.contacts);
  const people = useSelect((state) => state.people);
  useEffect(() => {
    void attempt(context, () => loadClosed(context, channelId));
  }, [context, channelId]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what the state holds of them
  const found = useMemo(
    () => candidates(context.store.get(), channelId, query).slice(0, MAX_SHOWN),
    [context, channelId, query, closed, contacts, people],
  );
  const roles = rolesToGive(closed?.view.role, 'none').filter((each) => each !== 'owner');
  const invited = new Set((closed?.members ?? []).filter((member) => member.invited).map(({ node_id }) => node_id));
  return (
    <Sheet title={`Invite to ${inert(name)}`} onClose={() => showDialog(context, undefined)} className="modal-browse">
      {closed && roles.length === 0 ? (
        <p className="quiet">Your role here does not allow you to invite anybody.</p>
      ) : (
        <>
          <Field label="Find a contact, or somebody you have met" type="search" autoFocus value={query} onChange={setQuery} />
          <Choice
            label="As"
            value={role}
            options={roles.map((each) => [each, ROLE_TEXTS[each].name] as const)}
            onChange={setRole}
            hint={`${ROLE_TEXTS[role].name}: ${ROLE_TEXTS[role].may}`}
          />
          {found.length === 0 && (
            <p className="quiet">
              {query === '' ? 'You know nobody yet who is not in it: add a contact first.' : 'Nobody is called that.'}
            </p>
          )}
          <ul className="invite-list">
            {found.map((person) => (
              <li key={person.node_id}>
                <Candidate person={person} channelId={channelId} role={role} invited={invited.has(person.node_id)} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Sheet>
  );
}

interface CandidateProps {
  readonly person: Person;
  readonly channelId: string;
  readonly role: Role;
  readonly invited: boolean;
}

function Candidate({ person, channelId, role, invited }: CandidateProps): ReactNode {
  const context = useApp();
  const [busy, setBusy] = useState(false);
  return (
    <div className="invite-row">
      <Avatar person={person} size={32} present={person.present} />
      <span className="invite-name">
        <Name person={person} />
        {invited && <span className="quiet">invited</span>}
      </span>
      <BusyButton
        type="button"
        className="button"
        busy={busy}
        aria-label={`Invite ${inert(person.display)}${invited ? ' again' : ''}`}
        onClick={() => {
          setBusy(true);
          void invite(context, channelId, person, role).finally(() => setBusy(false));
        }}
      >
        {invited ? 'Again' : 'Invite'}
      </BusyButton>
    </div>
  );
}
