import { readFile, stat } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { type ApiService, fromBase64, mediaTypeOf, type NewAttachment, type NewFile, ParleyError } from '@parley/core';
import { storageError, systemCode } from '../data/write-safely.ts';
import type { NewAttachmentBody } from './requests.ts';

/** Bytes of attachments that go inside one message, together: what does not fit is sent as a file that is fetched by itself. */
const MAX_INLINE_BYTES = 256 * 1024;

async function sizeOf(path: string): Promise<number> {
  try {
    const about = await stat(path);
    if (!about.isFile()) throw new ParleyError('bad-argument', `${path} is no file`);
    return about.size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new ParleyError('not-found', `there is no file ${path}`);
    throw storageError(error, `read ${path}`);
  }
}

/**
 * What a request wants to attach, read: the small ones as long as there is room in the message. Errors: `bad-argument`, `not-found`,
 * `too-large`, `storage`, those of `FileService.offer`.
 */
export async function readAttachments(
  service: ApiService,
  channel: string,
  bodies: readonly NewAttachmentBody[],
): Promise<(NewAttachment | NewFile)[]> {
  const read: (NewAttachment | NewFile)[] = [];
  let room = MAX_INLINE_BYTES;
  for (const { path, content, name, type } of bodies) {
    const called = name ?? (path === undefined ? 'file' : basename(path));
    const about = { name: called, type: type ?? mediaTypeOf(called) };
    if (content !== undefined) {
      const bytes = fromBase64(content);
      if (!bytes) throw new ParleyError('bad-argument', 'the content of an attachment is base64');
      room -= bytes.length;
      read.push({ ...about, bytes });
    } else if (path === undefined || !isAbsolute(path)) {
      throw new ParleyError('bad-argument', 'an attachment has content, or an absolute path');
    } else if ((await sizeOf(path)) > room) read.push({ ...(await service.files.offer(channel, path)), ...about });
    else {
      const bytes = await readFile(path).catch((error: unknown) => {
        throw storageError(error, `read ${path}`);
      });
      room -= bytes.length;
      read.push({ ...about, bytes });
    }
  }
  return read;
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
