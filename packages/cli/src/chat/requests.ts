import type { ApiEvent, ContactView, InvitationView } from '@parley/host';
import { safeText } from '../text/safe-text.ts';
import { displayOf } from './item-rows.ts';
import { type ChatState, type PanelLine, withNotice } from './state.ts';

/** Told for longer than what follows from a key: the user may be looking elsewhere. */
const TOLD_MS = 20_000;

/** Something that the user is asked, until they say yes or no. Titles are safe to print. */
export type Asked =
  | { readonly kind: 'contact'; readonly id: string; readonly title: string; readonly view: ContactView }
  | { readonly kind: 'invitation'; readonly id: string; readonly title: string; readonly view: InvitationView };

/** What is to be said of an invitation that was accepted when nobody was there to give the key. */
export const WAITS = 'accepted; you are in as soon as one of its members is here';

const isOpen = ({ state, blocked }: ContactView): boolean => state === 'incoming' && !blocked;
const ofContact = (view: ContactView): Asked => ({ kind: 'contact', id: view.key, title: safeText(view.display), view });
const ofInvitation = (view: InvitationView): Asked => ({
  kind: 'invitation',
  id: view.channel_id,
  title: `#${safeText(view.name)}`,
  view,
});

/** Who asks to be a contact, and the closed channels to which the user is invited. */
export function openRequests({ contacts, invitations }: Pick<ChatState, 'contacts' | 'invitations'>): readonly Asked[] {
  return [...contacts.filter(isOpen).map(ofContact), ...invitations.filter(({ accepted }) => !accepted).map(ofInvitation)];
}

/** What became of a contact. */
export function withContact(state: ChatState, { news, contact }: ApiEvent & { event: 'contact' }): ChatState {
  // A key that takes another's place comes under its own name.
  const others = state.contacts.filter(({ key }) => key !== contact.key && key !== contact.before?.key);
  const next = { ...state, contacts: news === 'removed' ? others : [...others, contact] };
  return news === 'incoming' ? told(next, openRequests({ contacts: [contact], invitations: [] })) : next;
}

/** The invitations as they are now. What is new among them is told. */
export function withInvitations(state: ChatState, invitations: readonly InvitationView[]): ChatState {
  const fresh = invitations.filter(({ channel_id }) => !state.invitations.some((known) => known.channel_id === channel_id));
  return told({ ...state, invitations }, openRequests({ contacts: [], invitations: fresh }));
}

function told(state: ChatState, [asked]: readonly Asked[]): ChatState {
  if (!asked) return state;
  const { title } = asked;
  const words =
    asked.kind === 'contact' ? `${title} asks to be a contact` : `${displayOf(asked.view.by, state.people)} invites you to ${title}`;
  return withNotice(state, `${words}: /accept ${title}, or /requests`, 'info', TOLD_MS);
}

/** All that waits for an answer, and the invitations that were accepted and wait for a key. */
export function requestLines({ contacts, invitations, people }: ChatState): PanelLine[] {
  const asking = contacts.filter(isOpen);
  if (asking.length === 0 && invitations.length === 0) return [{ text: 'Nobody waits for an answer.', tone: 'faint' }];
  const lines: PanelLine[] = [];
  if (asking.length > 0) lines.push({ text: 'To be a contact', tone: 'strong' });
  for (const { display, key, note } of asking) {
    lines.push({ text: `${safeText(display)}  ${key}`, hang: 2 });
    if (note !== undefined) lines.push({ text: `  says: ${safeText(note)}`, hang: 8 });
  }
  if (asking.length > 0) lines.push({ text: '' });
  if (invitations.length > 0) lines.push({ text: 'To a closed channel', tone: 'strong' });
  for (const { name, by, role, members, accepted, channel_id } of invitations) {
    const about = [
      `from ${displayOf(by, people)}`,
      ...(role === undefined ? [] : [`as ${role}`]),
      `${members} ${members === 1 ? 'member' : 'members'}`,
    ];
    lines.push({ text: `#${safeText(name)}  ${about.join(', ')}  ${channel_id}${accepted ? `: ${WAITS}` : ''}`, hang: 2 });
  }
  if (invitations.length > 0) lines.push({ text: '' });
  const answers = '/accept NAME or /decline NAME answers. Names and words are their own: anybody can call themselves anything.';
  return [...lines, { text: answers, tone: 'faint' }];
}
