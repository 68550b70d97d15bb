import { type DeliveryView, recipientsTogether } from '@parley/core';
import { Check, CheckCheck, CircleAlert, Clock, type LucideIcon, Package } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { DELIVERY_WORDS, type DeliveryWord, deliverySummary, needsWords, recipientWords } from '../state/words.ts';
import { part } from '../ui/part.tsx';
import { textPieces } from './textPieces.tsx';

const Popup = part(() => import('../ui/Popup.tsx'));

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
        <Popup trigger={button} title={DELIVERY_WORDS[delivery.state]} onClose={() => setOpen(false)}>
          <Recipients delivery={delivery} />
        </Popup>
      )}
    </>
  );
}

/** People; below who has several devices, how it stands with each of them. */
export function Recipients({ delivery }: { delivery: DeliveryView }): ReactNode {
  const people = recipientsTogether(delivery.recipients);
  if (people.length === 0) return <p className="quiet">Nobody else was in this channel when it was written. Whoever joins can find it.</p>;
  return (
    <ul className="recipients">
      {people.map(({ person, shown, nodes }) => (
        <li key={person}>
          <bdi className="name-text">{textPieces(shown.display)}</bdi>
          <span className={`recipient-${shown.state}`}>{textPieces(recipientWords(shown))}</span>
          {nodes.length > 1 && (
            <ul className="recipient-devices">
              {nodes.map((device) => (
                <li key={device.node_id}>
                  <bdi className="name-text">{textPieces(device.of?.device ?? 'First device')}</bdi>
                  <span className={`recipient-${device.state}`}>{textPieces(recipientWords(device))}</span>
                </li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  );
}
