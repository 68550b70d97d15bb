import { fromBase64, ParleyError } from '@parley/core';

/** One block of a PEM file (RFC 7468). */
export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly label: string;
  readonly der: Uint8Array<ArrayBuffer>;
}

/** Most characters of a PEM file, and most blocks in it. */
const MAX_CHARACTERS = 1024 * 1024;
const MAX_BLOCKS = 256;
const BEGIN = '-----BEGIN ';
const DASHES = '-----';

/** DER as PEM, with a line feed at its end. */
export function toPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `${BEGIN}${label}${DASHES}\n${lines.join('\n')}\n${DASHES}END ${label}${DASHES}\n`;
}

/**
 * The blocks of a PEM file, in order; text around them is skipped. `bad-argument` when there is none, or one is damaged, or the file is
 * over 1 MiB or 256 blocks.
 */
export function fromPem(text: string): PemBlock[] {
  const fail = (why: string): ParleyError => new ParleyError('bad-argument', `this is no PEM file: ${why}`);
  if (text.length > MAX_CHARACTERS) throw fail('it is too large');
  const blocks: PemBlock[] = [];
  let at = text.indexOf(BEGIN);
  while (at >= 0) {
    if (blocks.length === MAX_BLOCKS) throw fail('it has too many blocks');
    const labelEnd = text.indexOf(DASHES, at + BEGIN.length);
    const label = labelEnd < 0 ? '' : text.slice(at + BEGIN.length, labelEnd);
    if (!/^[A-Z0-9][A-Z0-9 ]{0,40}$/.test(label)) throw fail('a block has no label');
    const end = `${DASHES}END ${label}${DASHES}`;
    const bodyEnd = text.indexOf(end, labelEnd);
    if (bodyEnd < 0) throw fail(`the ${label} has no end`);
    const der = fromBase64(text.slice(labelEnd + DASHES.length, bodyEnd).replace(/\s+/g, ''));
    if (!der || der.length === 0) throw fail(`the ${label} is damaged`);
    blocks.push({ label, der });
    at = text.indexOf(BEGIN, bodyEnd + end.length);
  }
  if (blocks.length === 0) throw fail('there is no block in it');
  return blocks;
}
