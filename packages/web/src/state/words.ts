import type { ServerView, TabStatus } from '@parley/browser';
import { type DeliveryView, type ErrorCode, type Person, recipientsTogether } from '@parley/core';

/** Errors in words for people: what happened, and what to do. */
const ERRORS: Partial<Record<ErrorCode, string>> = {
  'bad-passphrase': 'That passphrase is not right.',
  corrupt: 'This file is damaged, or it is not a backup of Parley.',
  conflict: 'Something with that name exists already.',
  'in-use': 'Something else is using what Parley keeps in this browser. Close other windows of it, and try again.',
  'not-found': 'That is not there any more.',
  'not-member': 'You are not a member of this channel. Join it to write here.',
  quota: 'That was too much at once. Wait a moment, and try again.',
  storage: 'This browser does not let Parley keep anything. In a private window, or with site data blocked, that cannot work.',
  'storage-full': 'The storage of this browser is full. Free some room on the disk; what was sent already is safe.',
  timeout: 'That took too long. Try again.',
  'too-large': 'That is too long: a message holds at most 64 KiB.',
  unreachable: 'No server can be reached right now.',
  unsupported: 'This browser lacks something that Parley needs.',
};

export function errorWords(code: ErrorCode, message: string): string {
  return ERRORS[code] ?? sentence(message);
}

/** What the node itself says, as a sentence: where that is more to the point than words for all cases. */
export function sentence(message: string): string {
  if (message === '') return 'Something went wrong.';
  return `${capital(message)}${/[.!?]$/.test(message) ? '' : '.'}`;
}

export const capital = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** Who sees that two people write to each other, by the hops that the user wants. */
export function circuitWords(hops: number): string {
  if (hops === 0) return 'Servers on the way see that you write to each other; circuits, in the settings, hide it.';
  const who = hops === 1 ? 'one server alone sees' : 'no server sees';
  const unless = hops === 1 ? '' : ', unless those at both ends work together';
  return `Circuits are on: ${who} that you write to them${unless}. What they answer is hidden if they turn them on too.`;
}

export type DeliveryWord = DeliveryView['state'];

export const DELIVERY_WORDS: Readonly<Record<DeliveryWord, string>> = {
  sending: 'Sending',
  sent: 'Sent',
  stored: 'Stored',
  delivered: 'Delivered',
  read: 'Read',
  failed: 'Failed',
};

type Recipient = DeliveryView['recipients'][number];

const RECIPIENT_WORDS: Readonly<Record<Recipient['state'], string>> = {
  waiting: 'waiting for a way to them',
  sent: 'on its way',
  stored: 'kept for them until they are back',
  delivered: 'delivered',
  read: 'read',
  expired: 'not fetched in time',
  failed: 'not delivered',
};

const REASONS: Readonly<Record<string, string>> = {
  'number taken': 'another message has its number: send it again',
  unreachable: 'nobody knows a way to them',
  'store-full': 'the server has no room',
  expired: 'they were away for too long',
  refused: 'it was refused',
  'no ack': 'the server does not confirm that it has it. It is kept here and tried again',
  'no receipt': 'nobody has confirmed that it arrived. It is sent again, by another server where one is known',
};

/** Where a message stands with one recipient, and why. */
export function recipientWords({ state, reason }: Pick<Recipient, 'state' | 'reason'>): string {
  if (reason === 'no circuit') return 'waiting for a circuit: the settings say why there is none';
  const words = RECIPIENT_WORDS[state];
  if (reason === undefined || reason === 'no path') return words;
  return `${words}: ${REASONS[reason] ?? reason.replaceAll('-', ' ')}`;
}

/** With whom a message is to be: people, however many devices they have. */
const peopleOf = ({ recipients }: DeliveryView): Recipient[] => recipientsTogether(recipients).map(({ shown }) => shown);

/** What is wrong with the way of a message that may still arrive: a server may lie or have trouble of its own, or what hides it is not there yet. */
function troubleOf(state: DeliveryWord, recipients: readonly Recipient[]): string | undefined {
  if (state === 'sending' && recipients.some(({ reason }) => reason === 'no circuit')) return 'Waiting for a circuit';
  const reason = { sending: 'no ack', sent: 'no receipt' }[String(state)];
  const count = reason === undefined ? 0 : recipients.filter((recipient) => recipient.reason === reason).length;
  if (count === 0) return undefined;
  if (state === 'sending') return 'Sending, but the server does not confirm it';
  return count === recipients.length ? 'Sent, but nobody confirms it' : `Sent, but not confirmed by ${count} of ${recipients.length}`;
}

/** Whether words beside the mark of a message say what the mark does not. */
export function needsWords(delivery: DeliveryView): boolean {
  return delivery.state === 'failed' || troubleOf(delivery.state, peopleOf(delivery)) !== undefined;
}

/** `Delivered to 3 of 5`: one line on where an own message stands. It counts people. */
export function deliverySummary(delivery: DeliveryView): string {
  const { state } = delivery;
  const recipients = peopleOf(delivery);
  const total = recipients.length;
  if (total === 0) return state === 'sending' ? 'Sending' : 'Kept. Nobody else was in this channel then';
  const trouble = troubleOf(state, recipients);
  if (trouble !== undefined) return trouble;
  const done = recipients.filter((recipient) => recipient.state === 'delivered' || recipient.state === 'read').length;
  if (total === 1 || done === total || done === 0) return DELIVERY_WORDS[state];
  return state === 'failed'
    ? `Failed for ${recipients.filter((r) => r.state === 'failed' || r.state === 'expired').length} of ${total}`
    : `Delivered to ${done} of ${total}`;
}

export const SERVER_WORDS: Readonly<Record<ServerView['state'], string>> = {
  connected: 'connected',
  connecting: 'connecting',
  waiting: 'not reachable, trying again',
  idle: 'in reserve',
};

/** How a server of a closed network turns down a node without a certificate of its authority. */
const CLOSED = 'certificate of its authority';

/** Whether no server takes this tab in because the network is a closed one. */
export function isTurnedDown(status: TabStatus | undefined): boolean {
  return status !== undefined && !isOnline(status) && status.servers.some(({ error }) => error?.includes(CLOSED) === true);
}

/** Whether any way into the network is open. Unknown while nothing was heard of the node. */
export function isOnline(status: TabStatus | undefined): boolean {
  return status === undefined || status.links.length > 0 || status.servers.some(({ state }) => state === 'connected');
}

export function durationWords(ms: number): string {
  const minutes = Math.round(Math.abs(ms) / 60_000);
  if (minutes < 2) return `${Math.round(Math.abs(ms) / 1000)} seconds`;
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}

/** To make one costs a thousand times what it costs to use it. */
const NUMBERS = new Intl.NumberFormat();

export const plural = (count: number, one: string, many = `${one}s`): string => `${NUMBERS.format(count)} ${count === 1 ? one : many}`;

/** With how many devices somebody is in a channel, where it is more than one. */
export const devicesWords = (count: number): string | false => count > 1 && plural(count, 'device');

/** What there is to say of somebody, in a row. */
export const aboutWords = (...words: readonly (string | false | undefined)[]): string => words.filter(Boolean).join(', ');

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
];

/** How long messages last, in the largest unit that fits. */
export function lifetimeWords(seconds: number): string {
  const [unit, name] = UNITS.find(([each]) => seconds % each === 0) ?? [1, 'second'];
  return plural(seconds / unit, name);
}

/** A name as it is shown, and the digits behind it that tell those of one name apart. What the user calls somebody has none, and nor has a key. */
export function nameParts({ name, display }: Pick<Person, 'name' | 'display'>): { readonly name: string; readonly digits: string } {
  const [digits = ''] = name !== undefined && display.startsWith(`${name}#`) ? [display.slice(name.length)] : [];
  return { name: display.slice(0, display.length - digits.length), digits };
}
