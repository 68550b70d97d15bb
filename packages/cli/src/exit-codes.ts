/** What the exit code of a command says. Part of the public interface: scripts decide by it. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  noNode: 3,
  notFound: 4,
  refused: 5,
  timeout: 6,
  storage: 7,
  conflict: 8,
  undelivered: 9,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'it did what was asked',
  failed: 'it failed for another reason',
  usage: 'wrong arguments',
  noNode: 'no node runs on this data directory',
  notFound: 'no such channel, file, identity or node',
  refused: 'refused: not a member, wrong passphrase, bad certificate, over a quota',
  timeout: 'it took too long',
  storage: 'the disk: full, not writable, or a damaged file',
  conflict: 'something else is there already: a running node, a port in use, two channels of one name',
  undelivered: 'the message will not reach somebody',
};

export function exitCodesHelp(): string {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  return ['Exit codes:', ...names.map((name) => `  ${EXIT[name]}  ${MEANINGS[name]}`)].join('\n');
}

/** Exit codes of errors by their code, those of ParleyError among them. All others are failures. */
const BY_CODE: Readonly<Record<string, ExitCode>> = {
  usage: EXIT.usage,
  'bad-argument': EXIT.usage,
  'too-large': EXIT.usage,
  'no-node': EXIT.noNode,
  closed: EXIT.noNode,
  'not-found': EXIT.notFound,
  'bad-certificate': EXIT.refused,
  'bad-passphrase': EXIT.refused,
  banned: EXIT.refused,
  'not-member': EXIT.refused,
  quota: EXIT.refused,
  refused: EXIT.refused,
  timeout: EXIT.timeout,
  corrupt: EXIT.storage,
  storage: EXIT.storage,
  'storage-full': EXIT.storage,
  'already-open': EXIT.conflict,
  conflict: EXIT.conflict,
  'in-use': EXIT.conflict,
  undelivered: EXIT.undelivered,
  unreachable: EXIT.undelivered,
};

export function exitCodeOf(code: string): ExitCode {
  return BY_CODE[code] ?? EXIT.failed;
}
