import { recipientsTogether } from '@parley/core';
import type { DeliveryView, Person } from '@parley/host';
import { SIGNS } from '../format/delivery.ts';
import { safeText } from '../text/safe-text.ts';
import { pad } from '../text/width.ts';
import type { Span } from './rows.ts';

const LOOKS: Readonly<Record<keyof typeof SIGNS, Omit<Span, 'text'>>> = {
  sending: { dim: true },
  sent: { dim: true },
  stored: { colour: 'yellow' },
  delivered: { colour: 'green' },
  read: { colour: 'cyan' },
  failed: { colour: 'red', bold: true },
};

export const MARK_WIDTH = 2;
export const NO_MARK: Span = { text: '  ' };

/** Where an own message stands, in two cells: blank for one of another own device, which alone is told. */
export function mark(delivery: DeliveryView | undefined): Span {
  if (!delivery) return NO_MARK;
  const { state } = delivery;
  return state in SIGNS ? { text: pad(SIGNS[state][0], MARK_WIDTH), ...LOOKS[state] } : NO_MARK;
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

type Recipient = DeliveryView['recipients'][number];

/** Where a message stands with each person, one line each, and below it with each device of who has several. */
export function deliveryLines(delivery: DeliveryView, people: ReadonlyMap<string, Person>): string[] {
  const all = recipientsTogether(delivery.recipients);
  if (all.length === 0) return ['nobody else was in the channel'];
  const line = (name: string, { node_id, state, by, reason }: Recipient): string => {
    const where = by === undefined || by === node_id ? '' : ` (at ${safeText(people.get(by)?.display ?? by)})`;
    const why = reason === undefined ? '' : `: ${TROUBLES[reason] ?? safeText(reason)}`;
    return `${safeText(name)}: ${WORDS[state] ?? safeText(state)}${where}${why}`;
  };
  return all.flatMap(({ shown, nodes }) => [
    line(shown.display, shown),
    ...(nodes.length > 1 ? nodes.map((device) => `  ${line(device.of?.device ?? 'first device', device)}`) : []),
  ]);
}
