const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

/** So many bytes of a content are enough to know it by. */
export const HEAD_BYTES = 512;

type Check = (head: Uint8Array) => boolean;

const at =
  (place: number, ...bytes: readonly number[]): Check =>
  (head) =>
    bytes.every((byte, index) => head[place + index] === byte);
const all =
  (...checks: readonly Check[]): Check =>
  (head) =>
    checks.every((check) => check(head));
const any =
  (...checks: readonly Check[]): Check =>
  (head) =>
    checks.some((check) => check(head));
/** ISO base media (ISO/IEC 14496-12): a box `ftyp` with one of these brands. */
const brand = (...names: readonly string[]): Check => all(at(4, ...ascii('ftyp')), any(...names.map((name) => at(8, ...ascii(name)))));

const id3 = at(0, ...ascii('ID3'));
/** Frames of MPEG audio: eleven bits of one, and a layer that there is. */
const mpegFrame: Check = ([first = 0, second = 0]) => first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0;
/** ADTS: twelve bits of one, and layer 0. */
const adtsFrame: Check = ([first = 0, second = 0]) => first === 0xff && (second & 0xf6) === 0xf0;

/** How content begins whose type is shown or played where it stands. */
const BEGINNINGS: Readonly<Record<string, Check>> = {
  'audio/aac': any(adtsFrame, id3),
  'audio/flac': any(at(0, ...ascii('fLaC')), id3),
  'audio/mp4': brand('M4A ', 'M4B ', 'mp4', 'iso', 'dash'),
  'audio/mpeg': any(id3, mpegFrame),
  'audio/ogg': at(0, ...ascii('OggS')),
  'audio/wav': all(at(0, ...ascii('RIFF')), at(8, ...ascii('WAVE'))),
  'audio/webm': at(0, 0x1a, 0x45, 0xdf, 0xa3),
  'image/avif': brand('avif', 'avis', 'mif1', 'msf1'),
  'image/gif': any(at(0, ...ascii('GIF87a')), at(0, ...ascii('GIF89a'))),
  'image/jpeg': at(0, 0xff, 0xd8, 0xff),
  'image/png': at(0, 0x89, ...ascii('PNG'), 0x0d, 0x0a, 0x1a, 0x0a),
  'image/webp': all(at(0, ...ascii('RIFF')), at(8, ...ascii('WEBP'))),
  'text/plain': (head) => !head.subarray(0, HEAD_BYTES).includes(0),
};

/** Whether content begins as its sender's word for its type has it. False for every type that is not shown where it stands. */
export function isGenuine(type: string, head: Uint8Array): boolean {
  const name = type.toLowerCase();
  return Object.hasOwn(BEGINNINGS, name) && (BEGINNINGS[name]?.(head) ?? false);
}
