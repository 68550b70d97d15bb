import { type Crypto, concat, ParleyError, parseCertificate, type Random, utf8 } from '@parley/core';
import { type IdentityRecord, recordOf } from './record.ts';
import { isSealed, type Sealed, seal, unseal } from './sealed.ts';

/**
 * An identity that is to take the place of the one at home. Beside how it will rest there is its secret under that of the present one: whoever is
 * awake can go on with it without being asked for the passphrase again, and nobody else.
 */
export interface NextRecord extends IdentityRecord {
  readonly under: Sealed;
  readonly home: string;
}

const NONCE_BYTES = 12;
const purpose = (present: string, next: string): string => `parley/next/1\n${present}\n${next}\n`;
const keyFrom = (crypto: Crypto, secret: Uint8Array): Uint8Array => crypto.sha256(concat(utf8('parley/next-key/1\n'), secret));
const lost = (why: string): ParleyError =>
  new ParleyError('corrupt', `the new key that this browser keeps is damaged: cancel, and begin anew (${why})`);

/** `present` and `next`: node ids. */
export async function sealUnder(
  { crypto, random }: { readonly crypto: Crypto; readonly random: Random },
  { secret, nodeId }: { readonly secret: Uint8Array; readonly nodeId: string },
  next: { readonly secret: Uint8Array; readonly nodeId: string },
): Promise<Sealed> {
  const about = purpose(nodeId, next.nodeId);
  const nonce = random.bytes(NONCE_BYTES);
  const hidden = await crypto.seal(keyFrom(crypto, secret), nonce, next.secret, utf8(about));
  return seal(random, concat(nonce, hidden), about);
}

export interface Next {
  readonly kept: NextRecord;
  readonly secret: Uint8Array;
  readonly nodeId: string;
}

/** What was read as a next identity; undefined where there is none. Errors: `corrupt`. */
export async function readNext(
  crypto: Crypto,
  present: { readonly secret: Uint8Array; readonly nodeId: string },
  value: unknown,
): Promise<Next | undefined> {
  if (value === undefined) return undefined;
  const { under } = value as { under?: unknown };
  let kept: NextRecord;
  let nodeId: string;
  try {
    const record = recordOf(value);
    if (!isSealed(under) || record.home === undefined) throw lost('parts of it are missing');
    kept = { ...record, home: record.home, under };
    ({ nodeId } = await parseCertificate(kept.certificate, crypto));
  } catch (error) {
    throw lost(ParleyError.from(error).message);
  }
  const about = purpose(present.nodeId, nodeId);
  const hidden = await unseal(kept.under, about);
  const secret =
    hidden &&
    (await crypto.open(keyFrom(crypto, present.secret), hidden.subarray(0, NONCE_BYTES), hidden.subarray(NONCE_BYTES), utf8(about)));
  if (!secret) throw lost('its secret does not open');
  return { kept, secret, nodeId };
}
