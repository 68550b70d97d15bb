/** Types that show or sound and do nothing else, by the extension under which they are known. */
const SHOWN: Readonly<Record<string, string>> = {
  aac: 'audio/aac',
  avif: 'image/avif',
  flac: 'audio/flac',
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  m4a: 'audio/mp4',
  mp3: 'audio/mpeg',
  oga: 'audio/ogg',
  ogg: 'audio/ogg',
  opus: 'audio/ogg',
  png: 'image/png',
  txt: 'text/plain',
  wav: 'audio/wav',
  weba: 'audio/webm',
  webp: 'image/webp',
};
/** Types of what is only to be saved, so that the other side knows what it is. */
const SAVED: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  json: 'application/json',
  md: 'text/markdown',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  webm: 'video/webm',
  zip: 'application/zip',
};
const SAFE: ReadonlySet<string> = new Set(Object.values(SHOWN));

/** What is said of bytes of which nothing is known. */
export const UNKNOWN_TYPE = 'application/octet-stream';
/** `type/subtype` (RFC 6838), without parameters. */
const MEDIA_TYPE = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,62}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,62}$/;

export function isMediaType(type: string): boolean {
  return MEDIA_TYPE.test(type);
}

/** The media type that a file's name promises. */
export function mediaTypeOf(name: string): string {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
  return SHOWN[extension] ?? SAVED[extension] ?? UNKNOWN_TYPE;
}

/** Whether content may be shown or played where it stands. All else (pages, drawings with scripts, programs, what is unknown) is only saved. */
export function isSafeToShow(type: string): boolean {
  return SAFE.has(type.toLowerCase());
}
