import type { TabEvent } from '@parley/browser';
import type { ContactView, Person } from '@parley/core';
import { attempt, type Context, dismiss, notify } from './context.ts';
import { samePresence } from './presence.ts';
import type { AppState } from './types.ts';

type ContactEvent = Extract<TabEvent, { event: 'contact' }>;

/** What a contact is called where there is no room for more. Others choose their names: show it through `inert`. */
export function calledOf({ alias, name, display }: ContactView): string {
  return alias ?? name ?? display;
}

/** A contact as names and pictures are drawn: by the word of the user, where there is one. */
export function contactPerson({ key, node_id, name, alias, display, present, presence }: ContactView): Person {
  return { node_id, key, ...(alias === undefined && name !== undefined && { name }), display, present, ...(presence && { presence }) };
}

/** What became of a contact. */
export function applyContact(state: AppState, { news, contact }: ContactEvent): AppState {
  if (!state.contacts) return state;
  // A key that takes another's place comes under its own name.
  const others = state.contacts.filter(({ key }) => key !== contact.key && key !== contact.before?.key);
  return { ...state, contacts: news === 'removed' ? others : [...others, contact] };
}

/** Somebody came into reach or went out of it, or is there or away. */
export function withPresence(state: AppState, person: Person): AppState {
  const { contacts } = state;
  const known = contacts?.find(({ node_id }) => node_id === person.node_id);
  if (!contacts || !known || samePresence(known, person)) return state;
  const { presence: _, ...rest } = known;
  const now = { ...rest, present: person.present, ...(person.presence && { presence: person.presence }) };
  return { ...state, contacts: contacts.map((each) => (each === known ? now : each)) };
}

/** Those who are contacts or were asked to be, by what they are called; those who were asked stand last. */
export function knownContacts(contacts: readonly ContactView[]): ContactView[] {
  return contacts
    .filter(({ state, blocked }) => state !== 'incoming' && !blocked)
    .sort(
      (a, b) =>
        Number(a.state === 'requested') - Number(b.state === 'requested') ||
        calledOf(a).localeCompare(calledOf(b), undefined, { sensitivity: 'base', numeric: true }) ||
        (a.key < b.key ? -1 : 1),
    );
}

/** Who waits for an answer of the user, the latest first. */
export function openRequests(contacts: readonly ContactView[]): ContactView[] {
  return contacts
    .filter(({ state, blocked }) => state === 'incoming' && !blocked)
    .sort((a, b) => (a.added === b.added ? (a.key < b.key ? -1 : 1) : a.added < b.added ? 1 : -1));
}

const NEWS: Partial<Record<ContactEvent['news'], (name: string) => string>> = {
  incoming: (name) => `${name} asks to be your contact`,
  accepted: (name) => `${name} is now your contact`,
  declined: (name) => `${name} does not want to be your contact`,
  'key-change': (name) => `The key of ${name} has changed: open them to decide whether you believe it`,
};

/** By the key of whom it was sent to: the notice that tells of a request. */
const requests = new Map<string, number>();

/** Tells those who listen, and of a key that changed everybody: it is for the user to decide. `called`: what they are called, made harmless. */
export function tellContact(context: Context, { news, contact }: ContactEvent, called: string): void {
  if (contact.blocked) return;
  const words = NEWS[news]?.(called);
  if (words === undefined) return;
  const request = requests.get(contact.key);
  if (request !== undefined) {
    requests.delete(contact.key);
    const shown = context.store.get().notices.some(({ id }) => id === request);
    dismiss(context, request);
    // Where that was told, this is too.
    if (shown) {
      notify(context, 'info', `${words}.`);
      return;
    }
  }
  if (news === 'key-change') notify(context, 'info', `${words}.`, true);
  else context.announcement.update(() => words);
}

let loads = 0;
let loaded = 0;

/** Asks the node for all contacts anew. Of two questions the answer to the later one stays, whichever comes first. */
export async function loadContacts({ parley, store }: Context): Promise<void> {
  loads += 1;
  const load = loads;
  const contacts = await parley.node.contacts();
  if (load < loaded) return;
  loaded = load;
  store.update((state) => ({ ...state, contacts }));
}

/** What a dialog has just done is seen in it at once. */
function put({ store }: Context, contact: ContactView, news: ContactEvent['news'] = 'changed'): void {
  store.update((state) => applyContact(state, { event: 'contact', news, contact }));
}

export async function addContact(
  context: Context,
  link: string,
  options: { readonly alias?: string; readonly note?: string },
): Promise<void> {
  const contact = await context.parley.node.addContact(link, options);
  put(context, contact);
  if (contact.state === 'accepted') notify(context, 'info', 'You are contacts now.');
  else requests.set(contact.key, notify(context, 'info', 'Your request is on its way. You are contacts when they accept it.'));
}

export async function acceptContact(context: Context, { key }: ContactView): Promise<void> {
  await attempt(context, async () => put(context, await context.parley.node.acceptContact(key)));
}

export async function declineContact(context: Context, contact: ContactView): Promise<void> {
  await attempt(context, async () => {
    await context.parley.node.declineContact(contact.key);
    put(context, contact, 'removed');
  });
}

export async function removeContact(context: Context, contact: ContactView): Promise<void> {
  await attempt(context, async () => {
    await context.parley.node.removeContact(contact.key);
    put(context, contact, 'removed');
  });
}

/** `key`: also of somebody who is no contact. */
export async function blockContact(context: Context, key: string): Promise<void> {
  await attempt(context, async () => put(context, await context.parley.node.blockContact(key)));
}

/** Whoever was known only for being blocked is known no more after that: the event says so. */
export async function unblockContact(context: Context, { key }: ContactView): Promise<void> {
  await attempt(context, async () => {
    await context.parley.node.unblockContact(key);
    await loadContacts(context);
  });
}

export async function renameContact(context: Context, { key }: ContactView, alias: string): Promise<void> {
  put(context, await context.parley.node.renameContact(key, alias === '' ? undefined : alias));
}

/** `number`: what both see. Without it, they are verified no more. */
export async function verifyContact(context: Context, { key }: ContactView, number?: string): Promise<void> {
  await attempt(context, async () => put(context, await context.parley.node.verifyContact(key, number)));
}

/** Resolves with the contact as it is then: under their new key where that was believed. */
export async function decideKey(context: Context, { key }: ContactView, believed: boolean): Promise<ContactView | undefined> {
  return attempt(context, async () => {
    const contact = await context.parley.node.decideKey(key, believed);
    put(context, contact);
    return contact;
  });
}
