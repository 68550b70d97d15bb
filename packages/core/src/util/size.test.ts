import { expect, it } from 'vitest';
import { sizeText } from './size.ts';

it('says sizes in the unit that fits', () => {
  expect([0, 1, 1023, 1024, 1536, 34_816, 1_258_291, 1_073_741_824].map(sizeText)).toEqual([
    '0 bytes',
    '1 byte',
    '1023 bytes',
    '1.0 KiB',
    '1.5 KiB',
    '34 KiB',
    '1.2 MiB',
    '1.0 GiB',
  ]);
});
