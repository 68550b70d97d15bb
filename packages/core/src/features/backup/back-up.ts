import { checkBackupPassphrase, type IdentityBackup, type IdentityDeps } from '../../identity/index.ts';
import type { ScryptCost } from '../../ports/crypto.ts';
import type { Store, StoreValue, TableSpec } from '../../ports/store.ts';
import { base64 } from '../../util/base64.ts';
import { utf8 } from '../../util/bytes.ts';
import type { JsonObject } from '../../wire/json.ts';
import { timestamp } from '../../wire/message.ts';
import { sealStream } from './sealed-stream.ts';

/** Rows read at a time: of tables with short values, and of those that may hold attachments. */
const SMALL_PAGE = 1000;
const PAGE = 64;
/** Whoever waits is told after so many rows. */
const TELL_ROWS = 100;

export interface BackupSource {
  readonly identity: Pick<IdentityBackup['identity'], 'certificate'>;
  readonly secret: Uint8Array;
  readonly store: Pick<Store, 'range' | 'count'>;
  readonly tables: readonly TableSpec[];
  /** What a face wants to find again: small, and nobody else's business. */
  readonly settings?: JsonObject | undefined;
}

export interface BackupOptions {
  readonly cost?: ScryptCost | undefined;
  /** Rows done, of about so many. */
  readonly progress?: ((done: number, all: number) => void) | undefined;
}

const written = (value: StoreValue): string | { readonly bytes: string } => (typeof value === 'string' ? value : { bytes: base64(value) });

async function* lines(clock: IdentityDeps['clock'], source: BackupSource, progress: BackupOptions['progress']): AsyncGenerator<Uint8Array> {
  const { identity, secret, store, settings } = source;
  const line = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value)}\n`);
  const tables = source.tables.filter(({ backup }) => backup);
  let all = 0;
  for (const { name } of tables) all += await store.count(name);
  yield line({ identity: { certificate: base64(identity.certificate), secret: base64(secret) }, made: timestamp(clock.now()), rows: all });
  if (settings) yield line({ settings });
  let rows = 0;
  for (const { name, small } of tables) {
    const limit = small ? SMALL_PAGE : PAGE;
    for (let after = ''; ; ) {
      const page = await store.range(name, { gt: after, limit });
      for (const { key, value } of page) {
        yield line([name, key, written(value)]);
        after = key;
        if (++rows % TELL_ROWS === 0) progress?.(rows, Math.max(rows, all));
      }
      if (page.length < limit) break;
    }
  }
  yield line({ end: { rows } });
  progress?.(rows, rows);
}

/**
 * An identity and everything of its tables that asks for it, as the pieces of a file under a passphrase. The store may be in use: it is read a
 * page at a time. Errors: `bad-argument` for the passphrase, those of the store.
 */
export function backUp(
  deps: IdentityDeps,
  source: BackupSource,
  passphrase: string,
  { cost, progress }: BackupOptions = {},
): AsyncGenerator<Uint8Array> {
  checkBackupPassphrase(passphrase);
  return sealStream(deps, lines(deps.clock, source, progress), passphrase, cost);
}
