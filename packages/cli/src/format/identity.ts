import { safeText } from '../text/safe-text.ts';
import type { Style } from '../text/style.ts';
import { dayOf } from '../text/time.ts';
import { table } from './table.ts';

/** What `parley id --json` prints. */
export interface IdentityFacts {
  readonly node_id: string;
  /** Key id. */
  readonly key: string;
  readonly name: string;
  /** Whether a passphrase protects it. */
  readonly encrypted: boolean;
  readonly self_signed: boolean;
  /** RFC 3339. */
  readonly not_after: string;
  /** PEM. */
  readonly certificate: string;
}

export function identityLines(facts: IdentityFacts, style: Style): string[] {
  const { node_id, key, name, encrypted, self_signed, not_after } = facts;
  return table([
    ['name', style.bold(safeText(name))],
    ['node id', node_id],
    ['key', key],
    ['certificate', self_signed ? 'self-signed' : `issued by an authority, until ${dayOf(Date.parse(not_after))}`],
    ['private key', encrypted ? 'encrypted under a passphrase' : 'not encrypted'],
  ]);
}
