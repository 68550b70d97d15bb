import { ParleyError } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { EXIT, exitCodeOf, exitCodesHelp } from './exit-codes.ts';
import { Failure, failureOf } from './failure.ts';

const codeOf = (thrown: unknown): number => exitCodeOf(failureOf(thrown)?.code ?? 'internal');

describe('exit codes', () => {
  it.each([
    [new ParleyError('not-found', 'no channel #x'), EXIT.notFound],
    [new ParleyError('not-found', 'no node', { data: { directory: '/data' } }), EXIT.noNode],
    [new ParleyError('closed', 'went away'), EXIT.noNode],
    [new ParleyError('not-member', 'join first'), EXIT.refused],
    [new ParleyError('bad-passphrase', 'wrong'), EXIT.refused],
    [new ParleyError('in-use', 'running'), EXIT.conflict],
    [new ParleyError('storage-full', 'full'), EXIT.storage],
    [new ParleyError('timeout', 'late'), EXIT.timeout],
    [new ParleyError('bad-argument', 'wrong'), EXIT.usage],
    [new ParleyError('internal', 'strange'), EXIT.failed],
    [new Failure('undelivered', 'away'), EXIT.undelivered],
    [Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' }), EXIT.notFound],
    [Object.assign(new Error('EACCES: not allowed'), { code: 'EACCES' }), EXIT.storage],
    [new TypeError('a defect'), EXIT.failed],
    ['not an error', EXIT.failed],
  ])('of %s', (thrown, code) => {
    expect(codeOf(thrown)).toBe(code);
  });

  it('are all told in the help, and none twice', () => {
    const numbers = [...exitCodesHelp().matchAll(/^ {2}(\d+) /gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Object.values(EXIT));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
