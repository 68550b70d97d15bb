import { ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { createLog, type LogLevel } from './log.ts';

function logged(level: LogLevel = 'debug', json = true) {
  const lines: string[] = [];
  const log = createLog({ level, json, stream: { write: (line) => void lines.push(line) } });
  return { log, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe('a log in JSON', () => {
  it('has one object a line, with time, level, message and fields', () => {
    const { log, lines, entries } = logged();
    log.info('a link is open', { link: 3, peer: 'anna' });
    log.child({ node: 'n1' }).warn('with\nnewline %d %s');
    expect(lines.every((line) => line.endsWith('}\n') && line.indexOf('\n') === line.length - 1)).toBe(true);
    expect(entries()).toEqual([
      { level: 'info', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), message: 'a link is open', link: 3, peer: 'anna' },
      { level: 'warn', time: expect.any(String), message: 'with\nnewline %d %s', node: 'n1' },
    ]);
  });

  it('lets nobody speak to the terminal, and keeps what was said', () => {
    const { log, lines, entries } = logged();
    const said = '\x1b[2Jx\u009b1m\u202e\u2028';
    log.info(said, { name: said, [said]: 1 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing else may be left.
    expect(lines.join('').slice(0, -1)).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(entries()).toEqual([expect.objectContaining({ message: said, name: said, [said]: 1 })]);
  });

  it('leaves out what is below its level', () => {
    const { log, entries } = logged('warn');
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
    log.child({}).info('child');
    expect(entries().map((entry) => entry.message)).toEqual(['warn', 'error']);
    const silent = logged('silent');
    silent.log.error('nothing');
    expect(silent.lines).toEqual([]);
  });

  it('writes no secrets, at no depth, and no bytes', () => {
    const { log, lines } = logged();
    const hidden = 'hunter2';
    const names = ['passphrase', 'password', 'token', 'apiToken', 'secret', 'privateKey', 'private_key', 'seed', 'pin', 'Authorization'];
    for (const name of names) {
      log.info('x', { [name]: hidden, deep: { list: [{ [name]: hidden }] } });
      log.child({ [name]: hidden }).info('x');
    }
    log.info('x', { bytes: Buffer.from(hidden), nested: { key: new TextEncoder().encode(hidden) } });
    log.info('x', { error: new ParleyError('internal', 'failed', { data: { token: hidden } }) });
    expect(lines.join('')).not.toContain(hidden);
    expect(lines.join('')).not.toContain(Buffer.from(hidden).join(','));
    expect(lines[0]).toContain('[redacted]');
    log.info('x', { key: 'key_abc', spinning: 'yes' });
    expect(lines.at(-1)).toContain('"key":"key_abc","spinning":"yes"');
  });

  it('tells errors with their code and cause', () => {
    const { log, entries } = logged();
    log.error('x', { error: new ParleyError('storage', 'no disk', { cause: new Error('EIO') }) });
    expect(entries()[0]?.error).toMatchObject({ code: 'storage', message: 'no disk', cause: { message: 'EIO' } });
  });

  it('is bounded, whatever it is given', () => {
    const { log, lines } = logged();
    const circle: Record<string, unknown> = { text: 'x'.repeat(1e6), many: Array.from({ length: 1e5 }, (_, i) => i), big: 10n };
    circle.self = circle;
    log.info('x', circle);
    expect(lines[0]?.length).toBeLessThan(20_000);
  });
});

describe('a log for people', () => {
  it('has plain lines', () => {
    const { log, lines } = logged('debug', false);
    log.info('listening', { address: '127.0.0.1:80', name: 'two words', count: 2 });
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} info {2}listening {2}address=127\.0\.0\.1:80 {2}name="two words" {2}count=2\n$/);
  });

  it('lets nobody speak to the terminal or forge a line', () => {
    const { log, lines } = logged('debug', false);
    log.info('a\nb', { name: '\x1b[2Jx\r\u009b1m\u202e', 'na\nme': 1 });
    const text = lines.join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing else may be left.
    expect(text.slice(0, -1)).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/);
    expect(text).toContain('a\\u000ab');
  });

  it('is what a terminal gets, in colours', () => {
    const lines: string[] = [];
    createLog({ level: 'info', stream: { isTTY: true, write: (line) => void lines.push(line) } }).warn('careful');
    expect(lines[0]).toContain(' \x1b[33mwarn \x1b[0m careful\n');
  });

  it('shows errors with their stack', () => {
    const { log, lines } = logged('debug', false);
    log.error('failed', { error: new ParleyError('storage', 'no disk') });
    expect(lines[0]).toContain('error="storage: no disk"\n    at ');
  });
});
