/** IP addresses between text and bytes. Core has no platform to ask. */

const IPV4 = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;

function ipv4Bytes(text: string): number[] | undefined {
  const [, a, b, c, d] = IPV4.exec(text) ?? [];
  if (d === undefined) return undefined;
  const bytes = [Number(a), Number(b), Number(c), Number(d)];
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function groupsOf(text: string): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const dotted = parts.at(-1)?.includes('.') ? ipv4Bytes(parts.pop() ?? '') : [];
  if (!dotted || parts.some((part) => !/^[0-9A-Fa-f]{1,4}$/.test(part))) return undefined;
  const [a = 0, b = 0, c = 0, d = 0] = dotted;
  return [...parts.map((part) => Number.parseInt(part, 16)), ...(dotted.length === 4 ? [a * 256 + b, c * 256 + d] : [])];
}

/** 4 or 16 bytes of an address without brackets or zone (RFC 4291 section 2.2). Undefined for anything else. */
export function ipBytes(text: string): Uint8Array | undefined {
  if (!text.includes(':')) {
    const bytes = ipv4Bytes(text);
    return bytes && Uint8Array.from(bytes);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left, right] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  if (!left || !right) return undefined;
  const missing = 8 - left.length - right.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...left, ...new Array<number>(missing).fill(0), ...right];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** Of 4 or 16 bytes; IPv6 as RFC 5952 writes it. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16));
  const text = groups.join(':');
  // The longest run of at least two zero groups, the first of equals.
  const [longest] = [...text.matchAll(/\b0(?::0\b)+/g)].sort((a, b) => b[0].length - a[0].length);
  if (!longest) return text;
  const [run] = longest;
  return `${text.slice(0, longest.index).replace(/:$/, '')}::${text.slice(longest.index + run.length).replace(/^:/, '')}`;
}
