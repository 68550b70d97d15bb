import type { ContactView } from '@parley/host';
import { isAway, presenceWords } from '../text/presence.ts';
import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { dateTime } from '../text/time.ts';
import { table } from './table.ts';

const when = (time: string): string => dateTime(Date.parse(time));

function stateOf(contact: ContactView): string {
  if (contact.blocked) return 'blocked';
  if (contact.state === 'incoming') return 'wants to be a contact';
  if (contact.state === 'requested') return contact.declined ? 'declined' : 'asked, no answer yet';
  return contact.verified ? 'verified' : 'not verified';
}

/**
 * A contact as it is named in a command that somebody may copy into a shell. Their name is what they chose themselves, and may be another command:
 * where it is more than a plain word it is the key.
 */
export function typed({ display, key }: Pick<ContactView, 'display' | 'key'>): string {
  return /^[A-Za-z0-9][\w.-]*$/.test(display) ? display : safeText(key);
}

/** What a person should know of a contact beside who it is: each a line of its own. */
function remarks(contact: ContactView): string[] {
  const { display, note, state, new_key, before, verified } = contact;
  const who = safeText(display);
  return [
    ...(note !== undefined && state === 'incoming' ? [`says: ${safeText(note)}`] : []),
    ...(new_key
      ? [
          `THE KEY OF ${who} HAS CHANGED: their old key has signed, at ${when(new_key.time)}, that ${safeText(new_key.key)} takes its place.`,
          `Ask ${who} whether that is so; then: parley contacts key ${typed(contact)} --believe, or --refuse`,
        ]
      : []),
    ...(before && !verified
      ? [`has had this key since ${when(before.time)}, by the word of the key before: compare the safety number again`]
      : []),
  ];
}

/** Contacts, for people: who waits for an answer first. */
export function contactLines(contacts: readonly ContactView[], style: Style, now: number): string[] {
  if (contacts.length === 0) return ['no contacts yet; give others your link: parley contacts link'];
  const rank = ({ state, blocked }: ContactView): number => (blocked ? 3 : state === 'incoming' ? 0 : state === 'accepted' ? 1 : 2);
  const sorted = [...contacts].sort((a, b) => rank(a) - rank(b));
  const rows = table(
    sorted.map((contact) => [safeText(contact.display), stateOf(contact), presenceWords(contact, now), safeText(contact.key)]),
  );
  return sorted.flatMap((contact, index) => {
    const mark = isAway(contact) ? style.colour('yellow', '◐') : contact.present ? style.colour('green', '●') : style.dim('○');
    return [`${mark} ${rows[index]}`, ...remarks(contact).map((line) => `    ${line}`)];
  });
}

/** A safety number in rows of three groups, as it is read out. */
export function numberLines(number: string): string[] {
  const groups = number.split(' ');
  return [0, 3, 6, 9].map((from) => `  ${groups.slice(from, from + 3).join('  ')}`);
}
