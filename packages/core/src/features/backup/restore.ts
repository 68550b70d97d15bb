import { type IdentityBackup, type IdentityDeps, identityFromSecret, readBackup } from '../../identity/index.ts';
import type { Store, StoreValue, StoreWrite, TableSpec } from '../../ports/store.ts';
import { fromBase64 } from '../../util/base64.ts';
import { ParleyError } from '../../util/errors.ts';
import type { JsonObject } from '../../wire/json.ts';
import { parseTimestamp } from '../../wire/message.ts';
import { ByteReader, linesOf } from './byte-reader.ts';
import { restoredWrite } from './restored.ts';
import { openStream } from './sealed-stream.ts';

/** Bytes of one line: a row of a closed channel with all its entries and keys has a tenth of that. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** A backup of an identity alone has some kilobytes. */
const MAX_IDENTITY_BYTES = 64 * 1024;
/** Rows, and characters of them, that are written at a time. */
const MAX_ROWS = 500;
const MAX_CHARACTERS = 1024 * 1024;

const decoder = new TextDecoder('utf-8', { fatal: true });

export interface BackupRow {
  readonly table: string;
  readonly key: string;
  readonly value: StoreValue;
}

/** A backup whose passphrase fits. */
export interface OpenBackup extends IdentityBackup {
  /** When it was made, in milliseconds since 1970; undefined where it is of an identity alone. */
  readonly made: number | undefined;
  readonly settings: JsonObject | undefined;
  /** To be read once, to their end: only then is it known that nothing is missing. Errors: `corrupt`. */
  readonly rows: AsyncIterable<BackupRow>;
}

const damaged = (what: string, cause?: unknown): ParleyError => new ParleyError('corrupt', `the backup is damaged: ${what}`, { cause });

function parse(line: Uint8Array | undefined): unknown {
  if (!line) return undefined;
  try {
    return JSON.parse(decoder.decode(line));
  } catch (cause) {
    throw damaged('what is in it cannot be read', cause);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Opens a backup of any kind: with everything, or of an identity alone. Errors: `bad-passphrase`, `bad-argument`, `unsupported` (of a later version),
 * `corrupt`, those of the source. Until `rows` has come to its end nothing of it is to be believed complete.
 */
export async function openBackup(deps: IdentityDeps, source: AsyncIterable<Uint8Array>, passphrase: string): Promise<OpenBackup> {
  const reader = new ByteReader(source);
  try {
    const chunks = await openStream(deps.crypto, reader, passphrase);
    return chunks ? await openFull(deps, chunks) : await openIdentity(deps, reader, passphrase);
  } catch (error) {
    await reader.close();
    throw error;
  }
}

async function openIdentity(deps: IdentityDeps, reader: ByteReader, passphrase: string): Promise<OpenBackup> {
  const bytes = await reader.read(MAX_IDENTITY_BYTES + 1);
  await reader.close();
  let text = '';
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw new ParleyError('corrupt', 'this is no backup of Parley, or it is damaged', { cause });
  }
  return { ...(await readBackup(deps, text, passphrase)), made: undefined, settings: undefined, rows: nothing() };
}

async function* nothing(): AsyncGenerator<BackupRow, void> {}

async function openFull(deps: IdentityDeps, chunks: AsyncIterable<Uint8Array>): Promise<OpenBackup> {
  const lines = linesOf(chunks, MAX_LINE_BYTES, () => damaged('a line has no end'));
  const first = parse((await lines.next()).value ?? undefined);
  if (!isObject(first) || !isObject(first.identity)) throw damaged('it does not begin with an identity');
  const { certificate, secret } = first.identity;
  const der = typeof certificate === 'string' ? fromBase64(certificate) : undefined;
  const bytes = typeof secret === 'string' ? fromBase64(secret) : undefined;
  if (!der || !bytes) throw damaged('its identity');
  const made = typeof first.made === 'string' ? parseTimestamp(first.made) : undefined;
  let identity: IdentityBackup['identity'];
  try {
    identity = await identityFromSecret(deps, { secret: bytes, certificate: der });
  } catch (cause) {
    throw damaged(ParleyError.from(cause).message, cause);
  }
  // Behind the identity comes what a face wants to find again, where there is any.
  const second = await lines.next();
  const value = parse(second.value ?? undefined);
  const settings = isObject(value) && isObject(value.settings) ? (value.settings as JsonObject) : undefined;
  return { identity, secret: bytes, made, settings, rows: rowsOf(lines, settings ? undefined : value) };
}

async function* rowsOf(lines: AsyncGenerator<Uint8Array, void>, read: unknown): AsyncGenerator<BackupRow, void> {
  let rows = 0;
  let value = read;
  try {
    for (;;) {
      if (value === undefined) {
        const next = await lines.next();
        if (next.done) throw damaged('its end is missing');
        value = parse(next.value);
      }
      if (Array.isArray(value)) {
        rows++;
        yield rowOf(value);
      } else if (isObject(value) && isObject(value.end)) {
        if (value.end.rows !== rows) throw damaged('rows are missing');
        // What is behind it is nothing, and the last chunk is looked at for that.
        if (!(await lines.next()).done) throw damaged('something stands behind its end');
        return;
      }
      // Lines of other kinds are of later versions, which may do without them.
      value = undefined;
    }
  } finally {
    await lines.return();
  }
}

function rowOf([table, key, value]: readonly unknown[]): BackupRow {
  if (typeof table === 'string' && typeof key === 'string') {
    if (typeof value === 'string') return { table, key, value };
    const bytes = isObject(value) && typeof value.bytes === 'string' ? fromBase64(value.bytes) : undefined;
    if (bytes) return { table, key, value: bytes };
  }
  throw damaged('a row');
}

export interface Restored {
  /** Rows that were written, and those of tables that this version does not have. */
  readonly rows: number;
  readonly ignored: number;
}

/**
 * Writes a backup into an empty store that nobody uses yet. When it fails the store holds a part, and is of no use. Errors: `corrupt`, those of
 * the store. `now`: milliseconds since 1970.
 */
export async function restoreRows(
  backup: Pick<OpenBackup, 'made' | 'rows'>,
  { store, tables, now }: { readonly store: Store; readonly tables: readonly TableSpec[]; readonly now: number },
): Promise<Restored> {
  const specs = new Map(tables.flatMap((spec) => (spec.backup ? [[spec.name, spec]] : [])));
  let batch: StoreWrite[] = [];
  let characters = 0;
  let rows = 0;
  let ignored = 0;
  const write = async (): Promise<void> => {
    try {
      await store.commit(batch);
    } catch (error) {
      if (ParleyError.from(error).code === 'bad-argument') throw damaged('a row', error);
      throw error;
    }
    rows += batch.length;
    batch = [];
    characters = 0;
  };
  for await (const { table, key, value } of backup.rows) {
    const spec = specs.get(table);
    if (!spec) {
      ignored++;
      continue;
    }
    if (spec.backup?.fits?.({ key, value }) === false) throw damaged(`a row of ${table}`);
    const text = textOf(spec, key, value);
    batch.push({ op: 'put', table, key, value, ...(text === undefined ? {} : { text }) });
    characters += key.length + value.length + (text?.length ?? 0);
    if (batch.length >= MAX_ROWS || characters >= MAX_CHARACTERS) await write();
  }
  await write();
  try {
    for (const { backup: rule } of specs.values()) await rule?.restored?.(store);
  } catch (error) {
    // Not of the store, which says what is wrong with it: of rows that are not what they should be.
    throw error instanceof ParleyError ? error : damaged('a row', error);
  }
  await store.commit([restoredWrite({ made: backup.made, at: now })]);
  return { rows, ignored };
}

function textOf({ backup }: TableSpec, key: string, value: StoreValue): string | undefined {
  try {
    return backup?.textOf?.({ key, value });
  } catch (cause) {
    throw damaged('a row', cause);
  }
}
