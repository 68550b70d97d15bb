import { defineConfig } from 'vitest/config';
import { SUITES } from './scripts/lib/suites.mjs';

const source = { conditions: ['source'], externalConditions: ['source'] };

export default defineConfig({
  // Workspace packages are tested from their sources; nothing has to be compiled first.
  resolve: { conditions: source.conditions },
  ssr: { resolve: source },
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: SUITES.map((suite) => ({
      extends: true,
      test: { name: suite.name, include: suite.include, testTimeout: suite.testTimeoutMs ?? 30_000 },
    })),
  },
});
