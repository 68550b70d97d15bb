import { describe, expect, it } from 'vitest';
import { parseLine } from './commands.ts';

describe('parseLine', () => {
  it.each([
    ['hello', { kind: 'message', text: 'hello' }],
    ['//path', { kind: 'message', text: '/path' }],
    ['/join  #lobby ', { kind: 'command', name: '/join', argument: '#lobby' }],
    ['/HELP', { kind: 'command', name: '/help', argument: '' }],
    ['/q', { kind: 'command', name: '/quit', argument: '' }],
    ['/search two words', { kind: 'command', name: '/search', argument: 'two words' }],
    ['/s x', { kind: 'unknown', name: '/s' }],
    ['/home/ann', { kind: 'unknown', name: '/home/ann' }],
    ['/', { kind: 'unknown', name: '/' }],
  ])('%s', (text, parsed) => {
    expect(parseLine(text)).toEqual(parsed);
  });
});
