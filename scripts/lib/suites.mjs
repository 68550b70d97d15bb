/**
 * The test suites: Vitest projects by name. A test file belongs to the suite of the folder it lies in.
 * `needsBuild`: it starts compiled programs. `alone`: each file has a process of its own, where importing everything costs little beside it. `inBrowser`: its tests run in Chromium.
 *
 * @typedef {{ name: string, include: string[], needsBuild?: boolean, alone?: boolean, inBrowser?: boolean, testTimeoutMs?: number }} Suite
 * @type {readonly Suite[]}
 */
export const SUITES = [
  { name: 'rules', include: ['tests/rules/**/*.test.ts'] },
  {
    name: 'unit',
    include: ['packages/*/src/**/*.test.{ts,tsx}', 'bench/src/**/*.test.ts', 'fuzz/src/**/*.test.ts', 'simulate/src/**/*.test.ts'],
  },
  { name: 'contract', include: ['tests/contract/**/*.test.ts'] },
  { name: 'scenarios', include: ['tests/scenarios/**/*.test.ts'], testTimeoutMs: 300_000 },
  { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], needsBuild: true, alone: true, testTimeoutMs: 300_000 },
  { name: 'browser', include: ['tests/browser/**/*.test.ts'], needsBuild: true, inBrowser: true, testTimeoutMs: 120_000 },
  { name: 'interop', include: ['tests/interop/**/*.test.ts'], needsBuild: true, alone: true, testTimeoutMs: 120_000 },
];
