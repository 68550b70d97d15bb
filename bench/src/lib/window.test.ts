import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { now } from './time.ts';
import { SendWindow } from './window.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('no more than its size is in flight, and what arrives makes room', async () => {
  const window = new SendWindow(3);
  const until = now() + 1_000;
  for (let index = 0; index < 3; index++) expect(await window.take(until)).toBe(true);
  expect(window.tryTake()).toBe(false);
  let taken = 0;
  const takers = [1, 2].map(async () => {
    if (await window.take(until)) taken++;
  });
  window.complete(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(taken).toBe(1);
  window.complete(2);
  await Promise.all(takers);
  expect(taken).toBe(2);
  expect(window.sent).toBe(5);
});

test('what is in flight when nothing arrives any more is lost, and found again when it comes late', async () => {
  const window = new SendWindow(2);
  const until = now() + 60_000;
  await window.take(until);
  await window.take(until);
  const third = window.take(until);
  await vi.advanceTimersByTimeAsync(1_900);
  expect(window.lost).toBe(0);
  await vi.advanceTimersByTimeAsync(200);
  expect(await third).toBe(true);
  expect(window.lost).toBe(2);
  window.complete(2);
  expect(window.lost).toBe(1);
  window.complete(3);
  expect(window.lost).toBe(0);
});

test('waiting ends with the period, and loses nothing by it', async () => {
  const window = new SendWindow(1);
  const until = now() + 500;
  await window.take(until);
  const late = window.take(until);
  await vi.advanceTimersByTimeAsync(600);
  expect(await late).toBe(false);
  expect(window.lost).toBe(0);
  expect(window.sent).toBe(1);
});
