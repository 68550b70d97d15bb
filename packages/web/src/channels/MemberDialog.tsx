import { membersTogether, type Role } from '@parley/core';
import { type ReactNode, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name } from '../people/Name.tsx';
import { showDialog } from '../state/actions.ts';
import { maySendAway, ROLE_TEXTS, rolesToGive, sendAway, setRole } from '../state/closed.ts';
import { aboutWords, devicesWords } from '../state/words.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Choice } from '../ui/Choice.tsx';
import { Question } from '../ui/Question.tsx';
import { Sheet } from '../ui/Sheet.tsx';

/** What a member of a closed channel may do there with all their devices, for those who may decide it. `nodeId`: of the person. */
export function MemberDialog({ channelId, nodeId }: { channelId: string; nodeId: string }): ReactNode {
  const context = useApp();
  const closed = useSelect((state) => state.closed[channelId]);
  const found = membersTogether(closed?.members ?? []).find(({ person }) => person === nodeId);
  const [chosen, setChosen] = useState<Role>();
  const [removing, setRemoving] = useState(false);
  const [busy, setBusy] = useState(false);
  const close = (): void => showDialog(context, undefined);
  if (!closed || !found) return null;
  const { shown: member, nodes } = found;
  const { role: from = 'member' } = member;
  const own = closed.view.role;
  const roles = rolesToGive(own, from);
  const role = chosen ?? from;
  const name = inert(member.display);
  const run = (work: Promise<boolean>): void => {
    setBusy(true);
    void work.then((done) => done && close()).finally(() => setBusy(false));
  };
  return (
    <Sheet title="Role in this channel" onClose={close}>
      <div className="person-head">
        <Avatar person={member} size={44} />
        <div>
          <div className="person-name">
            <Name person={member} />
          </div>
          <div className="quiet">{aboutWords(ROLE_TEXTS[from].name, member.invited && 'invited', devicesWords(nodes.length))}</div>
        </div>
      </div>
      {roles.length > 1 && (
        <>
          <Choice
            label="Role"
            value={role}
            options={roles.map((each) => [each, ROLE_TEXTS[each].name] as const)}
            onChange={setChosen}
            hint={`${ROLE_TEXTS[role].name}: ${ROLE_TEXTS[role].may}`}
          />
          <div className="button-row">
            <BusyButton
              type="button"
              className="button button-primary"
              busy={busy}
              disabled={role === from}
              onClick={() => run(setRole(context, channelId, nodeId, role))}
            >
              Change the role
            </BusyButton>
          </div>
        </>
      )}
      {maySendAway(own, from) && (
        <section className="contact-settings">
          <div className="button-row" hidden={removing}>
            <button type="button" className="button button-danger" onClick={() => setRemoving(true)}>
              Remove {name}
            </button>
          </div>
          {removing && (
            <Question
              no="Do not remove"
              yes="Remove"
              busy={busy}
              onNo={() => setRemoving(false)}
              onYes={() => run(sendAway(context, channelId, nodeId))}
            >
              <p>
                Remove <bdi>{name}</bdi> from this channel? They get no more of its messages: the others get a new key. What they have read
                stays with them, and they see who removed them.
              </p>
            </Question>
          )}
        </section>
      )}
    </Sheet>
  );
}
