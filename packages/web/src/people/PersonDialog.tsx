import { displayName } from '@parley/core';
import { MessageCircle } from 'lucide-react';
import type { ReactNode } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Paths } from '../network/Paths.tsx';
import { showDialog } from '../state/actions.ts';
import { contactPerson } from '../state/contacts.ts';
import { presenceWords } from '../state/presence.ts';
import { formatRoute } from '../state/route.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { Avatar } from './Avatar.tsx';
import { ContactSection, ContactSettings } from './ContactSection.tsx';
import { Name } from './Name.tsx';
import { Qr } from './Qr.tsx';
import { SafetyNumber } from './SafetyNumber.tsx';

const UNKNOWN = { present: false };

/** Who somebody is, as far as keys can tell. */
export function PersonDialog({ nodeId }: { nodeId: string }): ReactNode {
  const context = useApp();
  const known = useSelect(({ people }) => people[nodeId]);
  const self = useSelect(({ status }) => status?.node_id === nodeId);
  const ownKey = useSelect(({ status }) => status?.key);
  const ownName = useSelect(({ status }) => status?.name);
  const contact = useSelect(({ contacts }) => contacts?.find(({ node_id }) => node_id === nodeId));
  const conversation = useSelect(({ channels }) => channels?.find(({ id, joined }) => joined && id === contact?.channel_id)?.id);
  const person = contact
    ? contactPerson(contact)
    : (known ?? { ...UNKNOWN, node_id: nodeId, display: nodeId.replaceAll('-', '').slice(0, 10) });
  const shown = self && ownName !== undefined ? { ...person, name: ownName, display: displayName(ownName, nodeId) } : person;
  const key = self ? ownKey : (contact?.key ?? known?.key);
  return (
    <Sheet title={self ? 'You' : 'About them'} onClose={() => showDialog(context, undefined)} className="modal-person">
      <div className="person-head">
        <Avatar person={shown} size={56} />
        <div>
          <div className="person-name">
            <Name person={shown} />
          </div>
          <div className="quiet">
            {contact?.alias !== undefined && contact.name !== undefined && (
              <>
                calls themselves <bdi>{inert(contact.name)}</bdi>,{' '}
              </>
            )}
            {shown.of?.former && 'a revoked device, '}
            {self ? 'here now' : presenceWords(shown) || (shown.present ? 'in reach now' : 'not reachable now')}
          </div>
        </div>
      </div>
      {conversation && (
        <a className="button button-primary button-wide" href={formatRoute({ view: 'channel', channelId: conversation })}>
          <MessageCircle aria-hidden="true" /> Write to them
        </a>
      )}
      {!self && <ContactSection contact={contact} keyId={key} display={shown.display} />}
      <dl className="facts">
        <dt>Key id</dt>
        <dd>
          <KeyId value={key} />
        </dd>
        <dt>Node id</dt>
        <dd>
          <span className="fact-line">
            <code>{nodeId}</code>
            <CopyButton text={nodeId} label="Copy the node id" />
          </span>
        </dd>
      </dl>
      {key !== undefined && (
        <figure className="qr-figure">
          <Qr text={key} label="The key id as a QR code" />
          <figcaption className="quiet">The key id, to be read by a camera.</figcaption>
        </figure>
      )}
      {!self && <SafetyNumber nodeId={nodeId} contact={contact?.state === 'accepted' && !contact.blocked ? contact : undefined} />}
      {contact && <ContactSettings contact={contact} />}
      {!self && <Paths nodeId={nodeId} />}
    </Sheet>
  );
}

function KeyId({ value }: { value: string | undefined }): ReactNode {
  if (value === undefined) return <span className="quiet">Not known yet. It comes with their first message.</span>;
  return (
    <span className="fact-line">
      <code>{value}</code>
      <CopyButton text={value} label="Copy the key id" />
    </span>
  );
}
