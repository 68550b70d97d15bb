import type { ContactView } from '@parley/core';
import { ShieldCheck } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { verifyContact } from '../state/contacts.ts';
import { attempt } from '../state/context.ts';

/** The digits that two people compare. `contact`: only of a contact it can be kept that they did. */
export function SafetyNumber({ nodeId, contact }: { nodeId: string; contact: ContactView | undefined }): ReactNode {
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
            They see the same number for you. Read it to each other over the phone, or hold your screens side by side. If it is the same,
            nobody stands in between; if a single digit differs, do not trust this key.
          </p>
          {contact ? (
            <Compared contact={contact} digits={digits} />
          ) : (
            <p className="quiet">To keep a note that you compared it, add them as a contact.</p>
          )}
        </>
      )}
    </section>
  );
}

function Compared({ contact, digits }: { contact: ContactView; digits: string }): ReactNode {
  const context = useApp();
  if (!contact.verified) {
    return (
      <div className="button-row">
        <button type="button" className="button button-primary" onClick={() => void verifyContact(context, contact, digits)}>
          <ShieldCheck aria-hidden="true" /> They match
        </button>
      </div>
    );
  }
  return (
    <div className="verified-line">
      <ShieldCheck aria-hidden="true" className="mark mark-good" />
      <span role="status">Verified: you have compared it.</span>
      <button type="button" className="button-small" onClick={() => void verifyContact(context, contact)}>
        Take it back
      </button>
    </div>
  );
}
