import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ROOT } from './root.mjs';

/**
 * What a Vitest run came to, as JSON in the file that PARLEY_TALLY names. Vitest's own JSON report has neither the
 * reason of a skipped test nor errors outside of tests.
 *
 * @typedef {{ file: string, name: string, reason: string | undefined }} Skipped
 * @typedef {{ passed: number, failed: number, skipped: Skipped[] }} Tally
 * @typedef {import('vitest/node').Reporter} Reporter
 * @implements {Reporter}
 */
export default class TallyReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<import('vitest/node').SerializedError>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    /** @type {Tally} */
    const tally = { passed: 0, failed: unhandledErrors.length, skipped: [] };
    for (const module of modules) {
      // An error outside of any test, such as an import that fails: its tests never came into being.
      tally.failed += module.errors().length;
      for (const suite of module.children.allSuites()) tally.failed += suite.errors().length;
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') tally.passed += 1;
        else if (result.state === 'skipped') {
          tally.skipped.push({ file: relative(ROOT, module.moduleId), name: test.fullName, reason: result.note });
        } else tally.failed += 1;
      }
    }
    if (process.env.PARLEY_TALLY) writeFileSync(process.env.PARLEY_TALLY, JSON.stringify(tally));
  }
}
