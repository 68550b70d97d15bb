import type { DeliveryView } from '@parley/core';
import { Check, CheckCheck, CircleAlert, Clock, type LucideIcon, Package } from 'lucide-react';
import { lazy, type ReactNode, Suspense, useRef, useState } from 'react';
import { DELIVERY_WORDS, type DeliveryWord, deliverySummary, needsWords, recipientWords } from '../state/words.ts';
import { textPieces } from './textPieces.tsx';

const Popup = lazy(() => import('../ui/Popup.tsx'));

const ICONS: Readonly<Record<DeliveryWord, LucideIcon>> = {
  sending: Clock,
  sent: Check,
  stored: Package,
  delivered: CheckCheck,
  read: CheckCheck,
  failed: CircleAlert,
};

/** Where an own message stands: a mark, in words where that helps, and on request for each recipient. */
export function Delivery({ delivery, words }: { delivery: DeliveryView; words: boolean }): ReactNode {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const Icon = ICONS[delivery.state];
  const summary = deliverySummary(delivery);
  const inWords = words || needsWords(delivery);
  return (
    <>
      <button
        ref={button}
        type="button"
        className={`delivery delivery-${delivery.state}`}
        aria-label={`${summary}. Show each recipient`}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
      >
        {inWords && <span>{summary}</span>}
        <Icon aria-hidden="true" />
      </button>
      {open && (
        <Suspense>
          <Popup trigger={button} title={DELIVERY_WORDS[delivery.state]} onClose={() => setOpen(false)}>
            <Recipients delivery={delivery} />
          </Popup>
        </Suspense>
      )}
    </>
  );
}

export function Recipients({ delivery }: { delivery: DeliveryView }): ReactNode {
  if (delivery.recipients.length === 0)
    return <p className="quiet">Nobody else was in this channel when it was written. Whoever joins can find it.</p>;
  return (
    <ul className="recipients">
      {delivery.recipients.map((recipient) => (
        <li key={recipient.node_id}>
          <bdi className="name-text">{textPieces(recipient.display)}</bdi>
          <span className={`recipient-${recipient.state}`}>{textPieces(recipientWords(recipient))}</span>
        </li>
      ))}
    </ul>
  );
}
