import { recipientsTogether } from '@parley/core';
import type { DeliveryView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';

type Recipients = DeliveryView['recipients'];

/** People who are to get an own message, however many devices they have. */
export const recipientsOf = ({ recipients }: DeliveryView): Recipients => recipientsTogether(recipients).map(({ shown }) => shown);

/** How each state of an own message is marked, and what that says, in the order in which a message goes through them. */
export const SIGNS: Readonly<
  Record<'sending' | 'sent' | 'stored' | 'delivered' | 'read' | 'failed', readonly [sign: string, says: string]>
> = {
  sending: ['…', 'sending: no other node has it yet'],
  sent: ['✓', 'sent: another node answers for it'],
  stored: ['◷', 'stored: it waits for somebody who is away'],
  delivered: ['✓✓', 'delivered: everybody has signed for it'],
  read: ['◉', 'read: everybody has seen it'],
  failed: ['✗', 'failed, and why'],
};

/** The mark of an own message; none where nobody else was there to get it. */
export function signOf(delivery: DeliveryView): string | undefined {
  const signs: Readonly<Record<string, readonly [string, string]>> = SIGNS;
  return recipientsOf(delivery).length === 0 ? undefined : signs[delivery.state]?.[0];
}

function names(recipients: Recipients, most: number): string {
  const shown = recipients.slice(0, most).map(({ display }) => safeText(display));
  const more = recipients.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

const FAILED: readonly string[] = ['failed', 'expired'];

/** Whom a message did not reach, and why, in words; one line for each reason. */
export function failures(delivery: DeliveryView): string[] {
  const reasons = new Map<string, Recipients>();
  for (const recipient of recipientsOf(delivery)) {
    if (!FAILED.includes(recipient.state)) continue;
    const reason = recipient.reason ?? (recipient.state === 'expired' ? 'it was kept as long as it may be' : 'no way there was found');
    reasons.set(reason, [...(reasons.get(reason) ?? []), recipient]);
  }
  return Array.from(reasons, ([reason, people]) => `not delivered to ${names(people, 3)}: ${safeText(reason)}`);
}

/** Where an own message stands, in a line for people. */
export function deliveryLine(delivery: DeliveryView): string {
  const { state } = delivery;
  const recipients = recipientsOf(delivery);
  if (recipients.length === 0) return 'nobody else is in the channel';
  const at = (...states: string[]): Recipients => recipients.filter((recipient) => states.includes(recipient.state));
  const groups: [string, Recipients][] = [
    ['delivered to', at('delivered', 'read')],
    ['stored for', at('stored')],
    ['sent towards', at('sent')],
    ['sending to', at('waiting')],
    ['not delivered to', at(...FAILED)],
  ];
  const parts = groups.filter(([, people]) => people.length > 0).map(([word, people]) => `${word} ${names(people, 5)}`);
  return parts.length === 0 ? String(state) : parts.join('; ');
}
