import { displayName } from '../../identity/index.ts';
import { utf8 } from '../../util/bytes.ts';
import { ParleyError } from '../../util/errors.ts';
import { MAX_NOTE_BYTES } from './verbs.ts';

/** `requested`: we have asked. `incoming`: they have asked, or were only ever blocked. `accepted`: both have said yes. */
export type ContactState = 'requested' | 'incoming' | 'accepted';

/** Somebody whom the user knows by key, or who wants to be known. */
export interface Contact {
  readonly keyId: string;
  readonly nodeId: string;
  /** What their link, request or certificate says. They choose it, and it proves nothing. */
  readonly name?: string;
  /** What the user calls them. */
  readonly alias?: string;
  readonly state: ContactState;
  /** They have said no to what we asked. */
  readonly declined?: boolean;
  /** The user has compared the safety number. */
  readonly verified: boolean;
  readonly blocked: boolean;
  /** When they became known, in milliseconds since 1970. */
  readonly added: number;
  /** The words of the request. */
  readonly note?: string;
  /** When our request was last made, or theirs was written, in milliseconds since 1970. */
  readonly asked?: number;
  /** They have asked, and what we answered is not on its way yet: their certificate is not here. */
  readonly owed?: 'accepted';
  /** With what a direct session can be begun, from their request; base64. */
  readonly package?: string;
  /** The key that theirs has named to take its place: the user has not said yet whether they believe it. */
  readonly change?: { readonly keyId: string; readonly nodeId: string; readonly time: number };
  /** The key that they had before, which has signed for this one. */
  readonly before?: { readonly keyId: string; readonly time: number };
  /** When the latest change of key was signed that was told: none that is older is heard. */
  readonly changed?: number;
}

/** What happened to a contact. `key-change`: their key names another, and the user is to say whether they believe it. */
export type ContactNews = 'requested' | 'incoming' | 'accepted' | 'declined' | 'changed' | 'key-change' | 'removed';

/** What the user sees first: their own word for somebody, else what they call themselves, else the beginning of the key. */
export function calledOf({ alias, name, keyId }: Pick<Contact, 'alias' | 'name' | 'keyId'>): string {
  return alias ?? name ?? keyId.slice(0, 12);
}

/** The order in which contacts are listed: by what they are called. */
export function inOrder(a: Contact, b: Contact): number {
  return compare(calledOf(a).toLowerCase(), calledOf(b).toLowerCase()) || compare(a.keyId, b.keyId);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** A contact as people are shown it: what the user calls them, else `name#1a2b`, else the beginning of the key. */
export function contactDisplay(contact: Contact): string {
  const { alias, name, nodeId } = contact;
  return alias ?? (name === undefined ? calledOf(contact) : displayName(name, nodeId));
}

/** The words of a request. Throws `bad-argument` or `too-large`. */
export function checkNote(note: string | undefined): string | undefined {
  const text = note?.normalize('NFC').trim();
  if (text === undefined || text === '') return undefined;
  if (/[\p{Cc}\p{Cs}]/u.test(text)) throw new ParleyError('bad-argument', 'the words of a request hold no control characters');
  if (utf8(text).length > MAX_NOTE_BYTES) throw new ParleyError('too-large', `the words of a request have at most ${MAX_NOTE_BYTES} bytes`);
  return text;
}
