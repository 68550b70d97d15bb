import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isPromise, silentLog, utf8 } from '@parley/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCrypto } from '../crypto.ts';
import { verify } from './ed25519.ts';
import { Verifier, type VerifierOptions } from './verifier.ts';

const key = createCrypto().signingKey(new Uint8Array(32).fill(3));

interface Case {
  readonly publicKey: Uint8Array;
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly fits: boolean;
}

/** Every third does not fit: by its data, its key or its signature. */
function cases(count: number, length = 100): Case[] {
  return Array.from({ length: count }, (_, number) => {
    const data = new Uint8Array(length + number).fill(number);
    const made = { publicKey: key.publicKey, data, signature: key.sign(data), fits: number % 3 !== 0 };
    if (made.fits) return made;
    const wrong = [
      { ...made, data: utf8(`something else ${number}`) },
      { ...made, publicKey: new Uint8Array(32).fill(9) },
      { ...made, signature: new Uint8Array(64).fill(number) },
    ][(number / 3) % 3];
    return wrong as Case;
  });
}

/** What it says of all of them in one turn of its own, and how many of these it said at once. */
async function burst(verifier: Verifier, all: readonly Case[]): Promise<{ said: boolean[]; atOnce: number }> {
  await sleep(1);
  const answers = all.map(({ publicKey, data, signature }) => verifier.verify(publicKey, data, signature));
  return { said: await Promise.all(answers), atOnce: answers.filter((answer) => !isPromise(answer)).length };
}

const expected = (all: readonly Case[]): boolean[] => all.map(({ fits }) => fits);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One whose thread is there. */
async function started(options: VerifierOptions = {}): Promise<Verifier> {
  const verifier = new Verifier({ cores: 2, ...options });
  while ((await burst(verifier, cases(20))).atOnce === 20) await sleep(5);
  return verifier;
}

const compiled = new URL('../../dist/verify', import.meta.url).href;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-verifier-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function program(text: string): URL {
  const path = join(directory, `${text.length}.mjs`);
  writeFileSync(path, text);
  return pathToFileURL(path);
}

describe('signatures', () => {
  it('that come one by one are checked at once, and start no thread', async () => {
    const verifier = new Verifier({ cores: 2, program: new URL('file:///no/such/thread.js') });
    for (const one of cases(40)) {
      expect(verifier.verify(one.publicKey, one.data, one.signature)).toBe(one.fits);
      await new Promise((resolve) => setImmediate(resolve));
    }
  });

  it('of a burst are checked on another thread, each rightly', async () => {
    const verifier = await started();
    const all = cases(50);
    const { said, atOnce } = await burst(verifier, all);
    expect(said).toEqual(expected(all));
    expect(atOnce).toBe(2);
  });

  it('are checked here where the thread has enough to do, or they are too long for a batch', async () => {
    // A thread that says no to all: what fits was checked here.
    const verifier = await started({
      program: program(`
        import { parentPort } from 'node:worker_threads';
        parentPort.on('message', ({ buffer }) => parentPort.postMessage(buffer.fill(0), [buffer.buffer]));
        parentPort.postMessage('ready');`),
    });
    const fitting = (count: number, length?: number): Case[] => cases(count, length).filter(({ fits }) => fits);
    const here = async (all: readonly Case[]): Promise<number> => (await burst(verifier, all)).said.filter(Boolean).length;
    expect(await here(fitting(450))).toBe(300 - 16 * 8);
    expect(await here(fitting(15, 20_000))).toBe(10);
    // What fills more than one batch by its length is split.
    expect(await here(fitting(30, 5000))).toBe(2);
  });

  it('of no proper shape fit nowhere', async () => {
    const verifier = await started();
    const odd = cases(12).map((one, number) => ({
      ...one,
      publicKey: number % 2 ? one.publicKey.subarray(1) : one.publicKey,
      signature: number % 2 ? one.signature : new Uint8Array([...one.signature, 0]),
    }));
    expect((await burst(verifier, odd)).said).toEqual(odd.map(() => false));
  });

  it('of any mix, asked for in any bursts, are answered as each would be by itself, and in order', async () => {
    const verifier = await started();
    const length = fc.oneof({ weight: 8, arbitrary: fc.nat(300) }, { weight: 1, arbitrary: fc.integer({ min: 4000, max: 17_000 }) });
    const fault = fc.constantFrom('none', 'none', 'none', 'data', 'signature', 'key', 'shape');
    const turns = fc.array(fc.array(fc.record({ length, fill: fc.nat(254), fault }), { maxLength: 200, size: 'max' }), { maxLength: 5 });
    const mixed = fc.asyncProperty(turns, async (all) => {
      const [asked, order, wanted]: [Promise<boolean>[], number[], boolean[]] = [[], [], []];
      for (const turn of all) {
        for (const { length: bytes, fill, fault: wrong } of turn) {
          const data = new Uint8Array(bytes).fill(fill);
          const made = key.sign(data);
          if (wrong === 'data') data.fill(fill + 1);
          if (wrong === 'signature') made.fill(fill, 40, 44);
          const publicKey = wrong === 'key' ? new Uint8Array(32).fill(7) : key.publicKey;
          const signature = wrong === 'shape' ? made.subarray(1) : made;
          const number = wanted.push(verify(publicKey, data, signature));
          const answer = verifier.verify(publicKey, data, signature);
          asked.push(isPromise(answer) ? answer.finally(() => order.push(number)) : Promise.resolve(answer));
          if (!isPromise(answer)) order.push(number);
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await Promise.all(asked)).toEqual(wanted);
      expect(order).toEqual(wanted.map((_, at) => at + 1));
    });
    await fc.assert(mixed, { numRuns: 30 });
  });

  it('are all checked here where there is one core', async () => {
    const verifier = new Verifier({ cores: 1, program: new URL('file:///no/such/thread.js') });
    for (let round = 0; round < 3; round++) expect((await burst(verifier, cases(40))).atOnce).toBe(40);
  });
});

describe('a thread', () => {
  it.each([
    ['cannot be started', 'file:///no/such/thread.js'],
    ['is not allowed', 'https://example.org/thread.js'],
  ])('that %s is done without', async (_, url) => {
    const warnings: string[] = [];
    const log = { ...silentLog, warn: (text: string) => void warnings.push(text) };
    const verifier = new Verifier({ cores: 2, program: new URL(url), log });
    const all = cases(30);
    while (warnings.length === 0) {
      expect((await burst(verifier, all)).said).toEqual(expected(all));
      await sleep(5);
    }
    expect(await burst(verifier, all)).toEqual({ said: expected(all), atOnce: 30 });
    expect(warnings).toEqual(['signatures are checked on one core from now on']);
  });

  it('that gets nothing done keeps nothing that comes after waiting', async () => {
    const verifier = await started({
      program: program(`
        import { parentPort } from 'node:worker_threads';
        import { answerEntries } from '${compiled}/batch.js';
        import { verify } from '${compiled}/ed25519.js';
        let left = 3;
        parentPort.on('message', ({ buffer, count }) => {
          if (left-- <= 0) return;
          answerEntries(buffer, count, verify);
          parentPort.postMessage(buffer, [buffer.buffer]);
        });
        parentPort.postMessage('ready');`),
    });
    const all = cases(600);
    for (let round = 0; round < 3; round++) expect((await burst(verifier, all)).said).toEqual(expected(all));
  });

  it.each([
    ['fails', "throw new Error('lost');"],
    ['ends', 'process.exit(0);'],
  ])('that %s leaves nothing without an answer', async (_, last) => {
    const verifier = await started({
      program: program(`
        import { parentPort } from 'node:worker_threads';
        import { answerEntries } from '${compiled}/batch.js';
        import { verify } from '${compiled}/ed25519.js';
        let left = 3;
        parentPort.on('message', ({ buffer, count }) => {
          if (left-- === 0) { ${last} }
          answerEntries(buffer, count, verify);
          parentPort.postMessage(buffer, [buffer.buffer]);
        });
        parentPort.postMessage('ready');`),
    });
    for (let round = 0; round < 3; round++) {
      const all = cases(60);
      expect((await burst(verifier, all)).said).toEqual(expected(all));
    }
    expect((await burst(verifier, cases(60))).atOnce).toBe(60);
  });

  /** What a program prints that ends by itself, with `burst` to ask for signatures. */
  function printed(text: string): string {
    const built = pathToFileURL(fileURLToPath(new URL('../../dist/index.js', import.meta.url))).href;
    const prepared = `
      const { createNodeCrypto } = await import(${JSON.stringify(built)});
      const crypto = createNodeCrypto();
      const key = crypto.signingKey(new Uint8Array(32).fill(3));
      const data = new Uint8Array(100);
      const signature = key.sign(data);
      const burst = () => Array.from({ length: 60 }, () => crypto.verify(key.publicKey, data, signature));
      const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', prepared + text], { timeout: 60_000, encoding: 'utf8' });
  }

  it('lets the process end, with what it waits for', () => {
    const text = `
      let answers = burst();
      while (!answers.some((answer) => answer instanceof Promise)) {
        await pause(5);
        answers = burst();
      }
      console.log((await Promise.all(answers)).filter(Boolean).length);`;
    expect(printed(text)).toBe('60\n');
  });

  it.each([
    ['while it starts', 0],
    ['when it has nothing to do', 1000],
  ])('lets the process end %s', (_, ms) => {
    expect(printed(`burst(); await pause(${ms}); console.log('over');`)).toBe('over\n');
  });
});
