import type { Certificate } from '../../identity/certificate.ts';
import type { StoreWrite, TableSpec } from '../../ports/store.ts';
import type { KnownCertificate } from './shelf.ts';

/** DER in base64, by node id. */
export const TABLE = 'certificates';
/** What is needed of each at the start: to read 5,000 certificates takes seconds. */
export const NAMES = 'certificate_names';
/** In a backup: what was said by people who are gone is to keep their names. */
export const certificateTables: readonly TableSpec[] = [
  { name: NAMES, small: true, backup: {} },
  { name: TABLE, backup: {} },
];

export interface NameRow {
  readonly key: string;
  readonly name: string;
  /** When it was last used, in milliseconds since 1970. */
  readonly used: number;
}

export function summary(certificate: Certificate): KnownCertificate {
  return { nodeId: certificate.nodeId, keyId: certificate.keyId, name: certificate.name ?? '' };
}

export function nameWrite({ nodeId, keyId, name }: KnownCertificate, used: number): StoreWrite {
  const row: NameRow = { key: keyId, name, used };
  return { op: 'put', table: NAMES, key: nodeId, value: JSON.stringify(row) };
}

export function deletions(nodeId: string): StoreWrite[] {
  return [
    { op: 'delete', table: TABLE, key: nodeId },
    { op: 'delete', table: NAMES, key: nodeId },
  ];
}
