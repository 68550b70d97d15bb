import type { DeliveryView, Person } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import type { Span } from './rows.ts';

const MARKS: Readonly<Record<string, Span>> = {
  sending: { text: '… ', dim: true },
  sent: { text: '✓ ', dim: true },
  stored: { text: '◷ ', colour: 'yellow' },
  delivered: { text: '✓✓', colour: 'green' },
  read: { text: '✓✓', colour: 'cyan' },
  failed: { text: '✗ ', colour: 'red', bold: true },
};

export const MARK_WIDTH = 2;
export const NO_MARK: Span = { text: '  ' };

/** Where an own message stands, in two cells. */
export function mark(delivery: DeliveryView | undefined): Span {
  return MARKS[String(delivery?.state ?? 'sending')] ?? NO_MARK;
}

const FAILED: readonly string[] = ['failed', 'expired'];
const MOST_NAMES = 3;

function names(people: readonly { display: string }[]): string {
  const shown = people.slice(0, MOST_NAMES).map(({ display }) => safeText(display));
  return people.length > MOST_NAMES ? `${shown.join(', ')} and ${people.length - MOST_NAMES} more` : shown.join(', ');
}

/** Whom a message did not reach, and why, in words; one line for each reason. */
export function failures(delivery: DeliveryView): string[] {
  const reasons = new Map<string, { display: string }[]>();
  for (const recipient of delivery.recipients) {
    if (!FAILED.includes(recipient.state)) continue;
    const reason = recipient.reason ?? (recipient.state === 'expired' ? 'it was kept as long as it may be' : 'no way there was found');
    reasons.set(reason, [...(reasons.get(reason) ?? []), recipient]);
  }
  return Array.from(reasons, ([reason, people]) => `not delivered to ${names(people)}: ${safeText(reason)}`);
}

const WORDS: Readonly<Record<string, string>> = {
  waiting: 'sending',
  sent: 'sent: another node answers for it',
  stored: 'stored until they are back',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  expired: 'expired',
};

const TROUBLES: Readonly<Record<string, string>> = {
  'no path': 'no way to them is known now',
  'no circuit': 'it waits for a circuit: parley status says why there is none',
  'no ack': 'the next node does not confirm that it has it; tried again',
  'no receipt': 'nobody has confirmed that it arrived; sent again',
};

/** Where a message stands with each recipient, one line each. */
export function deliveryLines(delivery: DeliveryView, people: ReadonlyMap<string, Person>): string[] {
  if (delivery.recipients.length === 0) return ['nobody else was in the channel'];
  return delivery.recipients.map(({ node_id, display, state, by, reason }) => {
    const where = by === undefined || by === node_id ? '' : ` (at ${safeText(people.get(by)?.display ?? by)})`;
    const why = reason === undefined ? '' : `: ${TROUBLES[reason] ?? safeText(reason)}`;
    return `${safeText(display)}: ${WORDS[state] ?? safeText(state)}${where}${why}`;
  });
}
