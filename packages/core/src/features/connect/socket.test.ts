import { describe, expect, it } from 'vitest';
import { socketAt, wholeSocket } from './socket.ts';

describe('sockets of CONNECT', () => {
  it.each([
    ['203.0.113.5:4717', '203.0.113.5:4717'],
    ['[2001:db8::5]:4717', '[2001:db8::5]:4717'],
    ['4717', undefined],
    ['', undefined],
    ['203.0.113.5:0', undefined],
    ['203.0.113.5:70000', undefined],
    ['2001:db8::5:4717', undefined],
  ])('%j is whole: %j', (socket, whole) => {
    expect(wholeSocket(socket)).toBe(whole);
  });

  it.each([
    ['4717', '203.0.113.5', '203.0.113.5:4717'],
    ['192.168.1.2:4717', '203.0.113.5', '203.0.113.5:4717'],
    ['4717', '[2001:db8::5]', '[2001:db8::5]:4717'],
    ['', '203.0.113.5', ''],
  ])('%j of one who speaks from %s is %j', (socket, host, seen) => {
    expect(socketAt(socket, host)).toBe(seen);
  });
});
