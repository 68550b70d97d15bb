/** Where in the app the user is; it stands in the fragment of the address, so that going back works. */
export type Route =
  | { readonly view: 'home' }
  | { readonly view: 'channel'; readonly channelId: string; readonly panel?: Panel }
  | { readonly view: 'search' }
  | { readonly view: 'network'; readonly cursor?: string }
  | { readonly view: 'settings' };

/** What stands beside the conversation. */
export type Panel = { readonly kind: 'members' } | { readonly kind: 'pinned' } | { readonly kind: 'message'; readonly cursor: string };

export function parseRoute(hash: string): Route {
  const [view = '', ...rest] = hash
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded);
  const [first, second, ...tail] = rest;
  if (view === 'channel' && first) {
    if (second === 'members' || second === 'pinned') return { view, channelId: first, panel: { kind: second } };
    if (second === 'message' && tail[0]) return { view, channelId: first, panel: { kind: 'message', cursor: tail[0] } };
    return { view, channelId: first };
  }
  if (view === 'network') return first ? { view, cursor: first } : { view };
  if (view === 'search' || view === 'settings') return { view };
  return { view: 'home' };
}

/** The contact that an address names, `#/contact/<key id>?name=…`, as a link to add them by. */
export function contactIn(hash: string): string | undefined {
  const found = /^#?\/?contact\/([^\s]+)$/.exec(hash);
  return found ? `parley:contact/${found[1]}` : undefined;
}

export function formatRoute(route: Route): string {
  const parts: string[] = route.view === 'home' ? [] : [route.view];
  if (route.view === 'channel') {
    parts.push(route.channelId);
    if (route.panel) parts.push(route.panel.kind);
    if (route.panel?.kind === 'message') parts.push(route.panel.cursor);
  }
  if (route.view === 'network' && route.cursor !== undefined) parts.push(route.cursor);
  return `#/${parts.map(encodeURIComponent).join('/')}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Somebody typed a stray %: it is no address of ours then.
    return '';
  }
}
