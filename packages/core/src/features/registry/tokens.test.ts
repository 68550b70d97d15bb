import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TOKEN_BYTES, Tokens } from './tokens.ts';

const hash = (secret: Uint8Array, address: Uint8Array): Uint8Array =>
  new Uint8Array(createHash('sha256').update(secret).update(address).digest());
const [first, second, third] = [1, 2, 3].map((n) => new Uint8Array(32).fill(n)) as [Uint8Array, Uint8Array, Uint8Array];
const here = Uint8Array.of(4, 10, 0, 0, 1, 0, 80);
const there = Uint8Array.of(4, 10, 0, 0, 2, 0, 80);

describe('Tokens', () => {
  it('prove one address, through one change of the secret', () => {
    const tokens = new Tokens(hash, first);
    const token = tokens.make(here);
    expect(token.length).toBe(TOKEN_BYTES);
    expect(tokens.check(here, token)).toEqual({ valid: true, next: token });
    expect(tokens.check(there, token).valid).toBe(false);
    expect(tokens.check(here, new Uint8Array(TOKEN_BYTES)).valid).toBe(false);
    tokens.rotate(second);
    const { valid, next } = tokens.check(here, token);
    expect(valid).toBe(true);
    expect(next).not.toEqual(token);
    tokens.rotate(third);
    expect(tokens.check(here, token).valid).toBe(false);
    expect(tokens.check(here, next).valid).toBe(true);
  });
});
