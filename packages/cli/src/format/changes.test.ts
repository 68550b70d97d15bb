import type { ChangeView } from '@parley/host';
import { expect, it } from 'vitest';
import { message } from '../chat/fixtures.ts';
import { changesAmong } from './changes.ts';

const messages = [message(1), message(2)];
const times = messages.map(({ time }) => Date.parse(time));
const changeAt = (at: number): ChangeView => ({
  id: `${at}`,
  time: new Date(at).toISOString(),
  kind: 'joined',
  by: { node_id: 'bob-id', display: 'bob#1a2b', present: true },
  own: false,
});
const [oldest = 0, newest = 0] = times;
const [before, between, after] = [changeAt(oldest - 1), changeAt(oldest), changeAt(newest + 1)];
const changes = [before, between, after];

it('of what was changed, what belongs among some messages is what is of their time, and beyond it where there are no others', () => {
  expect(changesAmong(changes, messages, { first: false, last: false })).toEqual([between]);
  expect(changesAmong(changes, messages, { first: true, last: false })).toEqual([before, between]);
  expect(changesAmong(changes, messages, { first: false, last: true })).toEqual([between, after]);
});

it('where there are no messages it is all of it, or nothing', () => {
  expect(changesAmong(changes, [], { first: true, last: true })).toEqual(changes);
  expect(changesAmong(changes, [], { first: true, last: false })).toEqual([]);
  expect(changesAmong(changes, [], { first: false, last: true })).toEqual([]);
});
