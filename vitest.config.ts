import { playwright } from '@vitest/browser-playwright';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { CHROMIUM_FLAGS, findChromium } from './scripts/lib/chromium.mjs';
import { SUITES } from './scripts/lib/suites.mjs';
import { commands } from './tests/browser/setup/commands.ts';
import { testScripts } from './tests/browser/setup/scripts.ts';

const source = { conditions: ['source'], externalConditions: ['source'] };
const chromium = findChromium();
/** What a machine has at least. */
const PROCESSORS = 2;

/** Chromium of the system: nothing is downloaded. */
function inChromium(executablePath: string): NonNullable<TestProjectInlineConfiguration['test']> {
  return {
    // Storage, locks and channels belong to an origin, and all files are of one.
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { executablePath, args: CHROMIUM_FLAGS } }),
      commands,
      instances: [{ browser: 'chromium' }],
    },
  };
}

export default defineConfig({
  // Workspace packages are tested from their sources; nothing has to be compiled first.
  resolve: { conditions: source.conditions },
  ssr: { resolve: source },
  test: {
    pool: 'forks',
    // Where there is no Chromium, `npm test` says what is left out for that.
    projects: SUITES.filter((suite) => !suite.inBrowser || chromium !== undefined).map((suite) => ({
      extends: true,
      ...(suite.inBrowser ? { plugins: [testScripts(source.conditions)] } : {}),
      test: {
        name: suite.name,
        include: suite.include,
        testTimeout: suite.testTimeoutMs ?? 60_000,
        hookTimeout: suite.testTimeoutMs ?? 60_000,
        // Most of the time of a short test would go to importing the same modules again.
        isolate: suite.inBrowser === true,
        // A project's own number counts, and not that of the command line. Those with different numbers run one after another.
        ...(suite.inBrowser ? {} : { maxWorkers: suite.workers ?? PROCESSORS, sequence: { groupOrder: suite.workers ?? PROCESSORS } }),
        ...(suite.inBrowser && chromium !== undefined ? inChromium(chromium) : {}),
      },
    })),
  },
});
