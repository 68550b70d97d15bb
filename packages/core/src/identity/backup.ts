import type { ScryptCost } from '../ports/crypto.ts';
import { base64, fromBase64 } from '../util/base64.ts';
import { ParleyError } from '../util/errors.ts';
import { type Identity, type IdentityDeps, identityFromSecret } from './identity.ts';
import { checkBackupPassphrase, decryptSecret, encryptSecret } from './passphrase.ts';

const FORMAT = 'parley/identity/1';
/** More characters than any backup has: a file of another kind is not read through. */
const MAX_BACKUP_CHARACTERS = 64 * 1024;

/** An identity on its way from one place to another: who it is, and its secret (64 bytes, never for a log). */
export interface IdentityBackup {
  readonly identity: Identity;
  readonly secret: Uint8Array;
}

/**
 * An identity as the text of a file: JSON with its certificate, and its secret under a passphrase. Errors: `bad-argument` for a passphrase
 * that may not be used.
 */
export async function writeBackup(
  deps: Pick<IdentityDeps, 'crypto' | 'random'>,
  { identity, secret }: { readonly identity: Pick<Identity, 'name' | 'nodeId' | 'keyId' | 'certificate'>; readonly secret: Uint8Array },
  passphrase: string,
  cost?: ScryptCost,
): Promise<string> {
  checkBackupPassphrase(passphrase);
  const { name, nodeId, keyId, certificate } = identity;
  const encrypted = await encryptSecret(deps, secret, passphrase, cost);
  const fields = { format: FORMAT, name, node_id: nodeId, key: keyId, certificate: base64(certificate), encrypted };
  return `${JSON.stringify(fields, null, 2)}\n`;
}

function readFields(text: string): Readonly<Record<string, unknown>> {
  if (text.length > MAX_BACKUP_CHARACTERS) throw new ParleyError('corrupt', 'this is no backup of an identity: it is too long');
  let fields: unknown;
  try {
    fields = JSON.parse(text);
  } catch (cause) {
    throw new ParleyError('corrupt', 'this is no backup of an identity, or it is damaged: it is not JSON', { cause });
  }
  if (typeof fields !== 'object' || fields === null) throw new ParleyError('corrupt', 'this is no backup of an identity');
  return fields as Readonly<Record<string, unknown>>;
}

/**
 * The identity in the text of a backup. Only its certificate and its secret count, and they have to fit each other; what else stands in
 * the file is for people. Errors: `corrupt` (damaged, of a newer version, or something else), `bad-passphrase`, `bad-argument` for an
 * empty passphrase.
 */
export async function readBackup(deps: IdentityDeps, text: string, passphrase: string): Promise<IdentityBackup> {
  const { format, certificate, encrypted } = readFields(text);
  if (format !== FORMAT) {
    const newer = typeof format === 'string' && format.startsWith('parley/identity/');
    throw new ParleyError('corrupt', newer ? 'the backup is of an unknown version' : 'this is no backup of an identity');
  }
  const der = typeof certificate === 'string' ? fromBase64(certificate) : undefined;
  if (!der) throw new ParleyError('corrupt', 'the backup is damaged: no certificate');
  const secret = await decryptSecret(deps.crypto, encrypted, passphrase);
  try {
    return { identity: await identityFromSecret(deps, { secret, certificate: der }), secret };
  } catch (cause) {
    throw new ParleyError('corrupt', `the backup is damaged: ${ParleyError.from(cause).message}`, { cause });
  }
}
