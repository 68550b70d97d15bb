import { describe, expect, it, vi } from 'vitest';
import type { StoreWrite } from '../ports/store.ts';
import { type ErrorCode, errorCode, ParleyError } from './errors.ts';
import { GroupCommit, type GroupCommitOptions } from './group-commit.ts';

const OPTIONS: GroupCommitOptions = { gather: () => Promise.resolve(), general: ['corrupt', 'in-use'] };

function put(key: string, value = 'v', table = 't'): StoreWrite {
  return { op: 'put', table, key, value };
}

/** A group commit that records its transactions; `refuse` says which of them fail. */
function recording(refuse: (writes: StoreWrite[]) => ErrorCode | undefined = () => undefined) {
  const attempts: StoreWrite[][] = [];
  const done: StoreWrite[][] = [];
  const commits = new GroupCommit(async (writes) => {
    const list = [...writes];
    attempts.push(list);
    const code = refuse(list);
    if (code) throw new ParleyError(code, 'refused');
    done.push(list);
  }, OPTIONS);
  return { attempts, done, commits };
}

async function outcome(promise: Promise<void>): Promise<'ok' | ErrorCode> {
  try {
    await promise;
    return 'ok';
  } catch (error) {
    return errorCode(error);
  }
}

describe('GroupCommit', () => {
  it('makes one transaction of the commits of a turn', async () => {
    const { done, commits } = recording();
    await Promise.all([commits.add([put('a')]), commits.add([put('b'), put('c')]), commits.add([put('d')])]);
    expect(done.map((writes) => writes.map((write) => write.key))).toEqual([['a', 'b', 'c', 'd']]);
  });

  it('settles nothing before the transaction', async () => {
    let finish: (() => void) | undefined;
    const commits = new GroupCommit(() => new Promise<void>((resolve) => (finish = resolve)), OPTIONS);
    let settled = false;
    const promise = commits.add([put('a')]).then(() => {
      settled = true;
    });
    await vi.waitFor(() => expect(finish).toBeDefined());
    expect(settled).toBe(false);
    finish?.();
    await promise;
  });

  it('begins when what is added together is gathered', async () => {
    let begin = (): void => {};
    const gather = () => new Promise<void>((resolve) => (begin = resolve));
    const keys: string[][] = [];
    const commits = new GroupCommit(async (writes) => void keys.push(writes.map(({ key }) => key)), { ...OPTIONS, gather });
    const first = commits.add([put('a')]);
    await Promise.resolve();
    const second = commits.add([put('b')]);
    begin();
    await Promise.all([first, second]);
    expect(keys).toEqual([['a', 'b']]);
  });

  it('makes one transaction of what comes while another is under way', async () => {
    const done: string[][] = [];
    const beginnings: (() => void)[] = [];
    const commits = new GroupCommit(async (writes) => {
      await new Promise<void>((go) => beginnings.push(go));
      done.push(writes.map((write) => write.key));
    }, OPTIONS);
    const first = commits.add([put('a')]);
    await vi.waitFor(() => expect(beginnings).toHaveLength(1));
    const others = ['b', 'c'].map((key) => commits.add([put(key)]));
    beginnings[0]?.();
    await first;
    await vi.waitFor(() => expect(beginnings).toHaveLength(2));
    beginnings[1]?.();
    await Promise.all(others);
    expect(done).toEqual([['a'], ['b', 'c']]);
  });

  it('makes of several writes to one key only the last', async () => {
    const { done, commits } = recording();
    await Promise.all([
      commits.add([put('a', '1'), put('b', '1')]),
      commits.add([{ op: 'delete', table: 't', key: 'a' }]),
      commits.add([put('b', '2'), put('b', '3')]),
      commits.add([put('a', 'other', 'u')]),
    ]);
    expect(done).toEqual([[{ op: 'delete', table: 't', key: 'a' }, put('b', '3'), put('a', 'other', 'u')]]);
  });

  it('does so within a single commit too', async () => {
    const { done, commits } = recording();
    await commits.add([put('a', '1'), put('a', '2')]);
    expect(done).toEqual([[put('a', '2')]]);
  });

  it('lets a commit that cannot be written take no other with it', async () => {
    const { done, commits } = recording((writes) => (writes.some((write) => write.key === 'bad') ? 'storage-full' : undefined));
    const outcomes = await Promise.all(
      [[put('a')], [put('b'), put('bad')], [put('a', 'later')]].map((writes) => outcome(commits.add(writes))),
    );
    expect(outcomes).toEqual(['ok', 'storage-full', 'ok']);
    expect(done).toEqual([[put('a')], [put('a', 'later')]]);
  });

  it.each(['corrupt', 'in-use'] as const)('tries nothing again after %s', async (code) => {
    const { attempts, commits } = recording(() => code);
    const outcomes = await Promise.all([outcome(commits.add([put('a')])), outcome(commits.add([put('b')]))]);
    expect(outcomes).toEqual([code, code]);
    expect(attempts).toHaveLength(1);
  });

  it('goes on after a failure', async () => {
    let fails = true;
    const { commits, done } = recording(() => (fails ? 'storage' : undefined));
    expect(await outcome(commits.add([put('a')]))).toBe('storage');
    fails = false;
    expect(await outcome(commits.add([put('b')]))).toBe('ok');
    expect(done).toEqual([[put('b')]]);
  });

  it('splits what would hold up everything else, at the borders of commits', async () => {
    const { done, commits } = recording();
    const large = Array.from({ length: 5000 }, (_, i) => put(`large${i}`));
    const small = Array.from({ length: 3000 }, (_, i) => [put(`small${i}`)]);
    await Promise.all([...small, large, [put('last')]].map((writes) => commits.add(writes)));
    expect(done.map((writes) => writes.length)).toEqual([2000, 1000, 5000, 1]);
    expect(done.flat()).toEqual([...small.flat(), ...large, put('last')]);
  });

  it('is settled when all of it is written', async () => {
    const { done, commits } = recording();
    await commits.settled();
    for (let i = 0; i < 4500; i++) commits.add([put(`k${i}`)]).catch(() => {});
    await commits.settled();
    expect(done.flat()).toHaveLength(4500);
  });
});
