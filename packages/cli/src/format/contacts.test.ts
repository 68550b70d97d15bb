import type { ContactView } from '@parley/host';
import { expect, it } from 'vitest';
import { plainStyle } from '../text/style.ts';
import { contactLines, typed } from './contacts.ts';

it('a name that is another command stands in none that is copied into a shell', () => {
  const key = `key_${'a'.repeat(44)}`;
  for (const display of ['$(reboot)', 'ben; reboot', '`id`', '--believe', "a'b", 'two words', ''])
    expect(typed({ display, key })).toBe(key);
  expect(typed({ display: 'ben_2.x', key })).toBe('ben_2.x');
  const contact = {
    display: '$(reboot)',
    key,
    state: 'accepted',
    new_key: { key, time: '2026-01-01T00:00:00.000Z' },
  } as unknown as ContactView;
  const advice = contactLines([contact], plainStyle, 0).find((line) => line.includes('parley contacts key'));
  expect(advice).toContain(`parley contacts key ${key} --believe`);
});
