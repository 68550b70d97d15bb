import { expect, it } from 'vitest';
import { isMediaType, isSafeToShow, mediaTypeOf } from './media-types.ts';

it('knows types by names, and of what it does not know says so', () => {
  const names = ['a.PNG', 'b.tar.gz', 'c.html', 'd', 'e.exe', '.txt'];
  expect(names.map(mediaTypeOf)).toEqual([
    'image/png',
    'application/gzip',
    'text/html',
    'application/octet-stream',
    'application/octet-stream',
    'text/plain',
  ]);
});

it.each(['text/html', 'image/svg+xml', 'application/javascript', 'application/pdf', 'application/octet-stream', 'image/whatever', ''])(
  'would not show %s where it stands',
  (type) => expect(isSafeToShow(type)).toBe(false),
);

it.each(['image/png', 'IMAGE/JPEG', 'audio/ogg', 'text/plain'])('shows %s', (type) => expect(isSafeToShow(type)).toBe(true));

it('takes no parameters or anything else for a media type', () => {
  expect(['text/plain', 'image/svg+xml', 'application/vnd.a.b-c'].every(isMediaType)).toBe(true);
  expect(['text/plain; charset=utf-8', 'text', '/x', 'a/b\r\nset-cookie: x', 'a/b/c'].some(isMediaType)).toBe(false);
});
