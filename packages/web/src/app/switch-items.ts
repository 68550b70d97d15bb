import { sortedChannels } from '../state/actions.ts';
import { tellApart } from '../state/channels.ts';
import { contactPerson } from '../state/contacts.ts';
import type { Route } from '../state/route.ts';
import type { AppState, Dialog } from '../state/types.ts';

/** Something that the quick switcher offers. */
export interface SwitchItem {
  readonly id: string;
  readonly kind: 'channel' | 'closed' | 'person' | 'action';
  readonly label: string;
  readonly hint: string;
  /** What it is called otherwise. */
  readonly also?: string;
  readonly does: { readonly go: Route } | { readonly dialog: Dialog } | { readonly join: string };
}

const MAX_ITEMS = 40;

const ACTIONS: readonly SwitchItem[] = [
  { id: 'a create', kind: 'action', label: 'Create a channel', hint: 'action', does: { dialog: { kind: 'create' } } },
  { id: 'a browse', kind: 'action', label: 'Find a channel', hint: 'action', does: { dialog: { kind: 'browse' } } },
  { id: 'a contact', kind: 'action', label: 'Add a contact', hint: 'action', does: { dialog: { kind: 'add-contact' } } },
  { id: 'a search', kind: 'action', label: 'Search messages', hint: 'action', does: { go: { view: 'search' } } },
  { id: 'a network', kind: 'action', label: 'Network', hint: 'action', does: { go: { view: 'network' } } },
  { id: 'a settings', kind: 'action', label: 'Settings', hint: 'action', does: { go: { view: 'settings' } } },
  { id: 'a help', kind: 'action', label: 'Keyboard shortcuts', hint: 'action', does: { dialog: { kind: 'help' } } },
];

/** What fits a query, best first. With nothing typed: what has something unread, then the other channels, then actions. */
export function switchItems(
  { channels = [], contacts = [], people }: Pick<AppState, 'channels' | 'contacts' | 'people'>,
  query: string,
): SwitchItem[] {
  const link = query.trim();
  // A link or an address that somebody has pasted here.
  if (/^(?:parley:contact\/|https?:\/\/\S+#\/?contact\/)?key_\w{20}/.test(link)) {
    return [{ id: 'a link', kind: 'action', label: 'Add this contact', hint: 'action', does: { dialog: { kind: 'add-contact', link } } }];
  }
  const wanted = query.trim().toLocaleLowerCase().replace(/^#/, '');
  const sorted = sortedChannels(channels);
  const apart = tellApart(channels);
  const digits = (id: string): string[] => [apart.get(id)].filter((each) => each !== undefined);
  const joined = sorted.filter((channel) => channel.joined);
  const ordered = [...joined.filter(({ unread }) => unread > 0), ...joined.filter(({ unread }) => unread === 0)];
  const own = ordered.map(
    ({ id, name, kind, unread }): SwitchItem => ({
      id: `c ${id}`,
      kind: kind === 'direct' ? 'person' : kind === 'closed' ? 'closed' : 'channel',
      label: name,
      hint: [...(unread > 0 ? [`${unread} new`] : []), ...digits(id)].join(', '),
      does: { go: { view: 'channel', channelId: id } },
    }),
  );
  if (wanted === '') return [...own, ...ACTIONS].slice(0, MAX_ITEMS);
  const others = sorted
    .filter((channel) => !channel.joined)
    .map(({ id, name, ended, kind = 'public' }): SwitchItem => {
      if (ended && kind !== 'public')
        return {
          id: `c ${id}`,
          kind: kind === 'direct' ? 'person' : 'closed',
          label: name,
          hint: ['over', ...digits(id)].join(', '),
          does: { go: { view: 'channel', channelId: id } },
        };
      return { id: `j ${id}`, kind: 'channel', label: name, hint: ['join', ...digits(id)].join(', '), does: { join: id } };
    });
  const aliased = new Map(contacts.map(({ node_id, name }) => [node_id, name]));
  const known = contacts.filter(({ state, blocked }) => state !== 'incoming' && !blocked).map(contactPerson);
  const persons = Object.values({ ...people, ...Object.fromEntries(known.map((person) => [person.node_id, person])) }).map(
    ({ node_id, display }): SwitchItem => ({
      ...(aliased.has(node_id) && { also: aliased.get(node_id) ?? '' }),
      id: `p ${node_id}`,
      kind: 'person',
      label: display,
      hint: 'person',
      does: { dialog: { kind: 'person', nodeId: node_id } },
    }),
  );
  return [...own, ...persons, ...ACTIONS, ...others]
    .map((item) => ({ item, rank: Math.min(...[item.label, item.also ?? ''].map((label) => rankOf(label.toLocaleLowerCase(), wanted))) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_ITEMS)
    .map(({ item }) => item);
}

/** 0 begins with it, 1 a word of it does, 2 holds it. */
function rankOf(label: string, wanted: string): number {
  const at = label.indexOf(wanted);
  if (at <= 0) return at === 0 ? 0 : 3;
  return /[^\p{L}\p{N}]/u.test(label[at - 1] ?? '') ? 1 : 2;
}
