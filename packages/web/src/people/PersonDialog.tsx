import { displayName } from '@parley/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { Paths } from '../network/Paths.tsx';
import { showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Sheet } from '../ui/Sheet.tsx';
import { Avatar } from './Avatar.tsx';
import { Name } from './Name.tsx';
import { Qr } from './Qr.tsx';

const UNKNOWN = { present: false };

/** Who somebody is, as far as keys can tell. */
export function PersonDialog({ nodeId }: { nodeId: string }): ReactNode {
  const context = useApp();
  const known = useSelect(({ people }) => people[nodeId]);
  const self = useSelect(({ status }) => status?.node_id === nodeId);
  const ownKey = useSelect(({ status }) => status?.key);
  const ownName = useSelect(({ status }) => status?.name);
  const person = known ?? { ...UNKNOWN, node_id: nodeId, display: nodeId.replaceAll('-', '').slice(0, 10) };
  const shown = self && ownName !== undefined ? { ...person, name: ownName, display: displayName(ownName, nodeId) } : person;
  const key = self ? ownKey : known?.key;
  return (
    <Sheet title={self ? 'You' : 'About them'} onClose={() => showDialog(context, undefined)} className="modal-person">
      <div className="person-head">
        <Avatar person={shown} size={56} />
        <div>
          <div className="person-name">
            <Name person={shown} />
          </div>
          <div className="quiet">{self || shown.present ? 'Here now' : 'Not reachable now'}</div>
        </div>
      </div>
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
      {!self && <SafetyNumber nodeId={nodeId} />}
      {!self && <Paths nodeId={nodeId} />}
    </Sheet>
  );
}

function KeyId({ value }: { value: string | undefined }): ReactNode {
  if (value === undefined) return <span className="quiet">Not known yet. It comes with the first message of theirs.</span>;
  return (
    <span className="fact-line">
      <code>{value}</code>
      <CopyButton text={value} label="Copy the key id" />
    </span>
  );
}

function SafetyNumber({ nodeId }: { nodeId: string }): ReactNode {
  const context = useApp();
  const [digits, setDigits] = useState<string>();
  useEffect(() => {
    let current = true;
    void attempt(context, async () => {
      const found = await context.parley.node.safetyNumber(nodeId);
      if (current) setDigits(found);
    });
    return () => {
      current = false;
    };
  }, [context, nodeId]);
  return (
    <section className="safety">
      <h3>Safety number</h3>
      {digits === undefined ? (
        <p className="quiet">It needs their key, which is not known yet.</p>
      ) : (
        <>
          <p className="safety-digits">
            {(digits.replace(/\D/g, '').match(/\d{1,5}/g) ?? []).map((group, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the groups of a number never change
              <span key={index}>{group}</span>
            ))}
          </p>
          <p className="quiet">
            Read it to each other over the phone, or side by side. If both of you see the same, nobody stands in between. Parley does not
            know whether you did, and marks nobody as verified.
          </p>
        </>
      )}
    </section>
  );
}
