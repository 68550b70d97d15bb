import type { DeliveryView } from '@parley/core';
import { Check, CheckCheck, CircleAlert, Clock, type LucideIcon, Package } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Dialog, DialogTrigger, Heading, Popover } from 'react-aria-components';
import { DELIVERY_WORDS, type DeliveryWord, deliverySummary, RECIPIENT_WORDS, reasonWords } from '../state/words.ts';
import { textPieces } from './MessageText.tsx';

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
  const Icon = ICONS[delivery.state];
  const summary = deliverySummary(delivery);
  const inWords = words || delivery.state === 'failed';
  return (
    <DialogTrigger>
      <Button className={`delivery delivery-${delivery.state}`} aria-label={`${summary}. Show each recipient`}>
        {inWords && <span>{summary}</span>}
        <Icon aria-hidden="true" />
      </Button>
      <Popover className="popover" placement="top end">
        <Dialog className="popover-dialog">
          <Heading slot="title" className="popover-title">
            {DELIVERY_WORDS[delivery.state]}
          </Heading>
          <Recipients delivery={delivery} />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

export function Recipients({ delivery }: { delivery: DeliveryView }): ReactNode {
  if (delivery.recipients.length === 0) return <p className="quiet">Nobody else is in this channel yet.</p>;
  return (
    <ul className="recipients">
      {delivery.recipients.map(({ node_id, display, state, reason }) => (
        <li key={node_id}>
          <bdi className="name-text">{textPieces(display)}</bdi>
          <span className={`recipient-${state}`}>
            {RECIPIENT_WORDS[state]}
            {reason !== undefined && `: ${reasonWords(reason)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
