import {
  type ClosedSettings,
  errorCode,
  type HistoryPolicy,
  type InvitationView,
  mayChange,
  type Person,
  personOfNode,
  type Role,
} from '@parley/core';
import { openChannel, showDialog } from './actions.ts';
import { contactPerson } from './contacts.ts';
import { attempt, type Context, explain, notify, report } from './context.ts';
import { withPeople } from './events.ts';
import type { AppState } from './types.ts';

export const ROLES: readonly Role[] = ['owner', 'moderator', 'member', 'observer'];

export const ROLE_TEXTS: Readonly<Record<Role, { readonly name: string; readonly may: string }>> = {
  owner: { name: 'Owner', may: 'can do everything: rename the channel, remove anybody, and make others owners.' },
  moderator: { name: 'Moderator', may: 'can write, invite, and remove members and observers.' },
  member: { name: 'Member', may: 'can write, and invite others.' },
  observer: { name: 'Observer', may: 'can read, but not write.' },
};

/** The roles that one with a role of their own may give to somebody who has this one, or none yet. The node decides; this spares refusals. */
export function rolesToGive(own: Role | undefined, from: Role | 'none'): Role[] {
  return own === undefined ? [] : ROLES.filter((to) => mayChange(own, from, to, false));
}

export function maySendAway(own: Role | undefined, role: Role): boolean {
  return own !== undefined && own !== 'member' && mayChange(own, role, 'none', false);
}

/** Whom one could invite: contacts first, then others that were met, by name. Neither servers, nor who is in it. */
export function candidates(state: AppState, channelId: string, query: string): Person[] {
  const { status, closed, contacts = [] } = state;
  const servers = (status?.links ?? []).filter(({ node_type }) => node_type === 'server').map(({ peer }) => peer.node_id);
  const members = (closed[channelId]?.members ?? []).filter(({ invited }) => !invited).map(({ node_id }) => node_id);
  const out = new Set([
    status?.node_id,
    ...servers,
    ...members,
    ...contacts.filter(({ blocked }) => blocked).map(({ node_id }) => node_id),
  ]);
  const known = contacts.filter(({ state: stands }) => stands === 'accepted');
  const own = new Map(known.map(({ node_id }) => [node_id, true]));
  const wanted = query.trim().toLocaleLowerCase();
  const all: Person[] = [
    ...known.map(contactPerson),
    ...Object.values(state.people).filter(
      (person) => person.name !== undefined && personOfNode(person) === person.node_id && !own.has(person.node_id),
    ),
  ];
  return all
    .filter(({ node_id, display, name = '' }) => !out.has(node_id) && `${display} ${name}`.toLocaleLowerCase().includes(wanted))
    .sort(
      (a, b) =>
        Number(own.has(b.node_id)) - Number(own.has(a.node_id)) || a.display.localeCompare(b.display) || (a.node_id < b.node_id ? -1 : 1),
    );
}

export async function loadInvitations({ parley, store }: Context): Promise<void> {
  const invitations = await parley.node.invitations();
  store.update((state) => ({ ...state, invitations }));
}

/** Who is in a closed channel, with their roles. */
export async function loadClosed({ parley, store }: Context, channelId: string): Promise<void> {
  const [view, members] = await Promise.all([parley.node.closedChannel(channelId), parley.node.members(channelId)]);
  store.update((state) => ({ ...withPeople(state, members), closed: { ...state.closed, [channelId]: { view, members } } }));
}

/** What has been looked into is kept as it is. */
export function renewClosed(context: Context, channelId: string): void {
  if (!context.store.get().closed[channelId]) return;
  loadClosed(context, channelId).catch((error: unknown) => {
    // One was sent away, or has left.
    if (errorCode(error) === 'not-found' || errorCode(error) === 'bad-argument') forget(context, channelId);
    else report(context, error);
  });
}

function forget({ store }: Context, channelId: string): void {
  store.update((state) => {
    const { [channelId]: _, ...closed } = state.closed;
    return { ...state, closed };
  });
}

export async function createClosed({ parley }: Context, name: string, history: HistoryPolicy): Promise<void> {
  openChannel((await parley.node.createClosed(name, history)).id);
}

/** Errors: `refused` where the own role is another by now, `bad-argument` for the name. */
export async function changeSettings(context: Context, channelId: string, changes: ClosedSettings): Promise<void> {
  const changed = await context.parley.node.channelSettings(channelId, changes);
  context.store.update(({ channels = [], ...state }) => ({
    ...state,
    channels: channels.map((known) => (known.id === channelId ? changed : known)),
  }));
  await loadClosed(context, channelId);
}

/** Resolves with whether the invitation is on its way. */
export async function invite(context: Context, channelId: string, who: Person, role: Role): Promise<boolean> {
  if (role === 'owner') return false;
  const done = await change(context, channelId, () => context.parley.node.invite(channelId, who.node_id, role));
  if (done) context.announcement.update(() => `${who.display} is invited`);
  return done;
}

/** `person`: by node id; all their devices have the role from then on. */
export function setRole(context: Context, channelId: string, person: string, role: Role): Promise<boolean> {
  return change(context, channelId, () => context.parley.node.setRole(channelId, person, role));
}

export function sendAway(context: Context, channelId: string, person: string): Promise<boolean> {
  return change(context, channelId, () => context.parley.node.removeMember(channelId, person));
}

async function change(context: Context, channelId: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    await loadClosed(context, channelId);
    return true;
  } catch (error) {
    notify(context, 'error', explain(error));
    return false;
  }
}

/** Resolves when the user is in, or when nobody who could let them in is there for now. */
export async function acceptInvitation(context: Context, { channel_id }: InvitationView): Promise<void> {
  const { parley, store } = context;
  try {
    const channel = await parley.node.acceptInvitation(channel_id);
    store.update((state) => ({ ...state, channels: [...(state.channels ?? []).filter(({ id }) => id !== channel.id), channel] }));
    showDialog(context, undefined);
    openChannel(channel.id);
  } catch (error) {
    if (errorCode(error) === 'timeout') notify(context, 'info', 'You will be in as soon as one of its members is here: they have the key.');
    // There are too many channels here, or too many members there: only the node can tell.
    else if (errorCode(error) === 'quota') notify(context, 'error', explain(error));
    else report(context, error);
  }
  await attempt(context, () => loadInvitations(context));
}

export async function declineInvitation(context: Context, { channel_id }: InvitationView): Promise<void> {
  await attempt(context, async () => {
    await context.parley.node.declineInvitation(channel_id);
    await loadInvitations(context);
  });
}
