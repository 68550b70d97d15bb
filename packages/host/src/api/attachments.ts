import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { type AttachmentContent, fromBase64, mediaTypeOf, ParleyError } from '@parley/core';
import { storageError } from '../data/write-safely.ts';
import type { NewAttachment } from './requests.ts';

/** Most bytes of what goes inside a message; core counts them together. */
const MAX_INLINE_BYTES = 256 * 1024;

/** What a request wants to attach, read. Errors: `bad-argument`, `not-found`, `too-large`, `storage`. */
export async function readAttachment({ path, content, name, type }: NewAttachment): Promise<AttachmentContent> {
  const called = name ?? (path === undefined ? 'file' : basename(path));
  const about = { name: called, type: type ?? mediaTypeOf(called) };
  if (content !== undefined) {
    const bytes = fromBase64(content);
    if (!bytes) throw new ParleyError('bad-argument', 'the content of an attachment is base64');
    return { ...about, bytes };
  }
  if (path === undefined || !isAbsolute(path)) throw new ParleyError('bad-argument', 'an attachment has content, or an absolute path');
  try {
    const { size } = await stat(path);
    if (size > MAX_INLINE_BYTES) throw new ParleyError('too-large', `${path} is larger than what goes inside a message (256 KiB)`);
    return { ...about, bytes: await readFile(path) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new ParleyError('not-found', `there is no file ${path}`);
    throw storageError(error, `read ${path}`);
  }
}

/** Headers under which what a stranger sent is given out: to be saved, whatever it says it is. */
export function attachmentHeaders(name: string): Record<string, string> {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return {
    'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cache-control': 'no-store',
  };
}
