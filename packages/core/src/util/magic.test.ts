import { expect, it } from 'vitest';
import { isGenuine } from './magic.ts';
import { isSafeToShow, mediaTypeOf } from './media-types.ts';

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...part].map((letter) => letter.charCodeAt(0)))));

const GENUINE: readonly (readonly [string, Uint8Array])[] = [
  ['image/png', bytes(0x89, 'PNG\r\n', 0x1a, '\n')],
  ['image/jpeg', bytes(0xff, 0xd8, 0xff, 0xe0)],
  ['image/gif', bytes('GIF89a')],
  ['image/webp', bytes('RIFF', 1, 2, 3, 4, 'WEBP')],
  ['image/avif', bytes(0, 0, 0, 28, 'ftypavif')],
  ['audio/wav', bytes('RIFF', 1, 2, 3, 4, 'WAVE')],
  ['audio/ogg', bytes('OggS')],
  ['audio/flac', bytes('fLaC')],
  ['audio/mp4', bytes(0, 0, 0, 28, 'ftypM4A ')],
  ['audio/webm', bytes(0x1a, 0x45, 0xdf, 0xa3)],
  ['audio/aac', bytes(0xff, 0xf1)],
  ['text/plain', bytes('words')],
];

it.each(GENUINE)('knows %s by how it begins, and takes it for no other picture or sound', (type, content) => {
  expect(isGenuine(type, content)).toBe(true);
  expect(isGenuine(type.toUpperCase(), content)).toBe(true);
  const others = GENUINE.map(([name]) => name).filter((name) => name !== type && name !== 'text/plain');
  expect(others.filter((name) => isGenuine(name, content))).toEqual([]);
});

it('takes sound with a tag, and frames of MPEG', () => {
  for (const type of ['audio/mpeg', 'audio/aac', 'audio/flac']) expect(isGenuine(type, bytes('ID3'))).toBe(true);
  expect(isGenuine('audio/mpeg', bytes(0xff, 0xfb))).toBe(true);
});

it.each(['<svg onload="x">', '<!doctype html>', '%PDF-1.7', 'MZ', '', 'GIF88a'])('takes %j for no picture or sound', (text) => {
  const types = GENUINE.map(([type]) => type).filter((type) => type !== 'text/plain');
  expect(types.filter((type) => isGenuine(type, bytes(text)))).toEqual([]);
});

it('takes nothing binary for text, and nothing that is only saved for anything', () => {
  expect(isGenuine('text/plain', bytes('MZ', 0, 3))).toBe(false);
  for (const type of ['text/html', 'image/svg+xml', 'application/pdf', '__proto__', 'constructor'])
    expect(isGenuine(type, bytes('<svg'))).toBe(false);
});

it('has a word for every type that may be shown', () => {
  const names = ['aac', 'avif', 'flac', 'gif', 'jpg', 'm4a', 'mp3', 'ogg', 'png', 'txt', 'wav', 'weba', 'webp'].map((end) =>
    mediaTypeOf(`a.${end}`),
  );
  expect(names.every(isSafeToShow)).toBe(true);
  const begun = [...GENUINE.map(([, content]) => content), bytes('ID3')];
  expect(names.filter((type) => !begun.some((content) => isGenuine(type, content)))).toEqual([]);
});
