import { ParleyError } from '@parley/core';
import type { IdentityDatabase } from '../identity/database.ts';
import { serverUrl } from '../ws/address.ts';

const SETTING = 'servers';
/** A page is not a list of all servers of a network. */
const MAX_SERVERS = 32;

function withOwn(ownServer: string | undefined, others: readonly string[]): string[] {
  return [...new Set([...(ownServer === undefined ? [] : [ownServer]), ...others])];
}

/** The server that the page came from, and behind it those that were added. */
export async function knownServers(database: IdentityDatabase, ownServer: string | undefined): Promise<string[]> {
  const kept = await database.setting(SETTING);
  const others = Array.isArray(kept) ? kept.filter((url): url is string => typeof url === 'string' && URL.canParse(url)) : [];
  return withOwn(ownServer, others);
}

/** Errors: `bad-argument` for what is no address of a server, `quota`, those of the store. */
export async function rememberServers(
  database: IdentityDatabase,
  ownServer: string | undefined,
  typed: readonly string[],
): Promise<string[]> {
  const all = withOwn(ownServer, typed.map(serverUrl));
  if (all.length > MAX_SERVERS) throw new ParleyError('quota', `at most ${MAX_SERVERS} servers`);
  await database.set(
    SETTING,
    all.filter((url) => url !== ownServer),
  );
  return all;
}

/** Those of a backup, as far as they can be used here: the same as `knownServers`. Errors: those of the store. */
export async function restoreServers(database: IdentityDatabase, ownServer: string | undefined, found: unknown): Promise<string[]> {
  const urls = Array.isArray(found) ? found.filter((url): url is string => typeof url === 'string') : [];
  const usable = urls.flatMap((url) => {
    try {
      return serverUrl(url);
    } catch {
      // One that this page may not dial, such as `ws:` from a page that came by `https:`.
      return [];
    }
  });
  return rememberServers(database, ownServer, usable.slice(0, MAX_SERVERS - 1));
}
