/**
 * The test suites: Vitest projects by name. A test file belongs to the suite of the folder it lies in.
 * `needsBuild`: it starts compiled programs. `workers`: files under way at once, where that is not one for each of two processors. `inBrowser`: its tests run in Chromium.
 *
 * @typedef {{ name: string, include: string[], needsBuild?: boolean, workers?: number, inBrowser?: boolean, testTimeoutMs?: number }} Suite
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
  // They wait for processes, timers and browsers for half of their time.
  { name: 'e2e', include: ['tests/e2e/**/*.test.ts'], needsBuild: true, workers: 3, testTimeoutMs: 300_000 },
  { name: 'browser', include: ['tests/browser/**/*.test.ts'], needsBuild: true, inBrowser: true, testTimeoutMs: 120_000 },
  { name: 'interop', include: ['tests/interop/**/*.test.ts'], needsBuild: true, workers: 3, testTimeoutMs: 120_000 },
];
