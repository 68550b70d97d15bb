import { describe, expect, it } from 'vitest';
import { changesOf } from './changes.ts';
import type { Entry, HistoryPolicy, Role } from './entry.ts';

const KEY = new Uint8Array(32);
let count = 0;
const signed = (time: number, signer: string) => {
  const digest = String(++count).padStart(16, '0');
  return { signed: digest, digest, signer, time };
};

function says(time: number, signer: string, member: string, role: Role | 'none', successor = false): Entry {
  return { kind: 'role', ...signed(time, signer), member, role, sealingKey: undefined, successor, person: undefined };
}

const accepts = (time: number, member: string, role: Role = 'member', key = KEY): Entry => ({
  ...(says(time, member, member, role) as Entry & { kind: 'role' }),
  sealingKey: key,
});
const settings = (time: number, signer: string, name: string, history: HistoryPolicy = 'all'): Entry => ({
  kind: 'settings',
  ...signed(time, signer),
  name,
  history,
});
const timer = (time: number, signer: string, seconds: number): Entry => ({ kind: 'timer', ...signed(time, signer), seconds });

/** The owner, and a member `m`. */
const begun = (): Entry[] => [
  settings(0, 'owner', 'hideout'),
  accepts(1, 'owner', 'owner'),
  says(2, 'owner', 'm', 'member'),
  accepts(3, 'm'),
];

/** In whatever order entries come it is the same. */
function told(entries: readonly Entry[]): string[] {
  const [there, back] = [entries, [...entries].reverse()].map((order) =>
    changesOf('owner', order).map(({ id: _, at, by, ...rest }) => `${at} ${by} ${Object.values(rest).join(' ')}`),
  );
  expect(there).toEqual(back);
  return there ?? [];
}

describe('what the entries of a channel changed', () => {
  it('is who was invited, came, has another role, went, and was sent away', () => {
    const entries = [
      ...begun(),
      says(4, 'owner', 'm', 'moderator'),
      says(5, 'm', 'n', 'observer'),
      says(6, 'n', 'n', 'none'),
      says(7, 'owner', 'o', 'member'),
      says(8, 'owner', 'o', 'none'),
      says(9, 'owner', 'p', 'owner'),
      accepts(10, 'p', 'owner'),
      says(11, 'owner', 'owner', 'observer'),
      says(12, 'p', 'm', 'none'),
      says(13, 'owner', 'owner', 'none'),
    ];
    expect(told(entries)).toEqual([
      '2 owner invited m member',
      '3 m joined m',
      '4 owner role m moderator',
      '5 m invited n observer',
      '6 n declined n',
      '7 owner invited o member',
      '8 owner uninvited o',
      '9 owner invited p owner',
      '10 p joined p',
      '11 owner role owner observer',
      '12 p removed m',
      '13 owner left owner',
    ]);
  });

  it('is not what had no effect, nor what changed nothing', () => {
    const without = [
      says(4, 'm', 'owner', 'observer'),
      timer(5, 'm', 60),
      settings(6, 'm', 'mine'),
      says(7, 'stranger', 'm', 'none'),
      accepts(8, 'm', 'member', new Uint8Array(32).fill(1)),
      timer(9, 'owner', 0),
    ];
    expect(told([...begun(), ...without])).toEqual(told(begun()));
    const twice = [...begun(), timer(10, 'owner', 60), timer(11, 'owner', 60), settings(12, 'owner', 'hideout')];
    expect(told(twice)).toEqual([...told(begun()), '10 owner timer 60']);
  });

  it('is the timer, the name and what newcomers may read', () => {
    const entries = [...begun(), timer(4, 'owner', 86_400), settings(5, 'owner', 'council', 25), timer(6, 'owner', 0)];
    expect(told(entries).slice(2)).toEqual(['4 owner timer 86400', '5 owner name council', '5 owner history 25', '6 owner timer 0']);
  });

  it('is that somebody goes on under another key, who then does not come anew; and what is said of the old key is of the new one', () => {
    const entries = [...begun(), says(4, 'm', 'm2', 'member', true), accepts(5, 'm2'), says(6, 'owner', 'm', 'observer')];
    expect(told(entries).slice(2)).toEqual(['4 m key m2', '6 owner role m2 observer']);
  });
});
