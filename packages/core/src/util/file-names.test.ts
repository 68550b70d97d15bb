import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { safeFileName } from './file-names.ts';

it.each([
  ['photo.png', 'photo.png'],
  ['../../etc/passwd', '_.._etc_passwd'],
  ['C:\\temp\\a.txt', 'C__temp_a.txt'],
  ['.bashrc', 'bashrc'],
  ['...', 'file'],
  ['', 'file'],
  ['a\u202egpj.exe', 'a_gpj.exe'],
  ['a\r\nb.txt', 'a__b.txt'],
  ['con.txt', '_con.txt'],
  ['con .txt', '_con.txt'],
  ['COM\u00b9.txt', '_COM\u00b9.txt'],
  ['--checkpoint-action=exec=sh x.sh', '_--checkpoint-action=exec=sh x.sh'],
  ['. -rf', '_-rf'],
  ['-', '_-'],
  ['a\u2028b\u061c.txt', 'a_b_.txt'],
  [' grüne Bohnen.jpg ', 'grüne Bohnen.jpg'],
])('makes %j a name of a file: %j', (given, safe) => {
  expect(safeFileName(given)).toBe(safe);
});

it('makes a safe name of anything, and of a safe name the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (given) => {
      const name = safeFileName(given);
      expect(name).not.toMatch(/[/\\\p{Cc}]|^[.-]|^\s*$/u);
      expect(utf8(name).length).toBeLessThanOrEqual(200);
      expect(safeFileName(name)).toBe(name);
    }),
  );
});

it('keeps the extension of a long name', () => {
  expect(safeFileName(`${'x'.repeat(199)} yyy`)).toBe('x'.repeat(199));
  expect(safeFileName(`${'ü'.repeat(300)}.tar.gz`)).toMatch(/^ü{97,}(\.tar)?\.gz$/);
});
