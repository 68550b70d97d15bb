import { type InvitationView, ROLE_WORDS } from '@parley/core';
import { Lock } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Name } from '../people/Name.tsx';
import { showDialog } from '../state/actions.ts';
import { acceptInvitation, declineInvitation } from '../state/closed.ts';
import { plural } from '../state/words.ts';
import { BusyButton } from '../ui/BusyButton.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { shortTime } from '../ui/time.ts';

const NONE: readonly InvitationView[] = [];

/** Closed channels that others want the user in. */
export function Invitations(): ReactNode {
  const context = useApp();
  const invitations = useSelect((state) => state.invitations ?? NONE);
  return (
    <Sheet title="Invitations" onClose={() => showDialog(context, undefined)}>
      {invitations.length === 0 ? (
        <p className="quiet">No invitations are waiting for an answer.</p>
      ) : (
        <ul className="requests">
          {invitations.map((invitation) => (
            <li key={invitation.channel_id}>
              <Invitation invitation={invitation} />
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}

function Invitation({ invitation }: { invitation: InvitationView }): ReactNode {
  const context = useApp();
  const [busy, setBusy] = useState(false);
  const { name, by, role = 'member', members, received, accepted } = invitation;
  const shown = inert(name);
  return (
    <article className="request" aria-label={shown}>
      <div className="request-head">
        <Lock aria-hidden="true" className="mark" />
        <span className="request-who">
          <bdi className="request-name">{shown}</bdi>
          <span className="quiet">closed channel, {plural(members, 'member')}</span>
        </span>
        <time className="quiet" dateTime={received}>
          {shortTime(received)}
        </time>
      </div>
      <p>
        <Name person={by} /> invites you as {ROLE_WORDS[role]}.
      </p>
      {accepted ? (
        <p role="status">Accepted. You will be in as soon as one of its members is here: they have the key.</p>
      ) : (
        <div className="button-row">
          <BusyButton
            type="button"
            className="button"
            aria-label={`Decline ${shown}`}
            busy={busy}
            onClick={() => void declineInvitation(context, invitation)}
          >
            Decline
          </BusyButton>
          <BusyButton
            type="button"
            className="button button-primary"
            aria-label={`Accept ${shown}`}
            busy={busy}
            onClick={() => {
              setBusy(true);
              void acceptInvitation(context, invitation).finally(() => setBusy(false));
            }}
          >
            {busy ? 'Getting the key…' : 'Accept'}
          </BusyButton>
        </div>
      )}
    </article>
  );
}
