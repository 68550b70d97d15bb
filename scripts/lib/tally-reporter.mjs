import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { ROOT } from './root.mjs';

/**
 * What a Vitest run came to, as JSON in the file that PARLEY_TALLY names. Vitest's own JSON report has neither the
 * reason of a skipped test nor errors outside of tests. What failed is named, to be read again at the end of all steps.
 *
 * @typedef {{ file: string, name: string, reason: string | undefined }} Skipped
 * @typedef {{ passed: number, failed: string[], skipped: Skipped[] }} Tally
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
    const tally = { passed: 0, failed: unhandledErrors.map(({ message }) => `outside of tests: ${firstLine(message)}`), skipped: [] };
    for (const module of modules) {
      const file = relative(ROOT, module.moduleId);
      const failed = (/** @type {string} */ name, /** @type {readonly { message: string }[]} */ errors) =>
        tally.failed.push(`${file}: ${name}: ${firstLine(errors[0]?.message ?? 'no reason given')}`);
      // An error outside of any test, such as an import that fails: its tests never came into being.
      for (const error of module.errors()) failed('the file', [error]);
      for (const suite of module.children.allSuites()) for (const error of suite.errors()) failed(suite.fullName, [error]);
      for (const test of module.children.allTests()) {
        const result = test.result();
        if (result.state === 'passed') tally.passed += 1;
        else if (result.state === 'skipped') tally.skipped.push({ file, name: test.fullName, reason: result.note });
        else failed(test.fullName, result.errors ?? []);
      }
    }
    if (process.env.PARLEY_TALLY) writeFileSync(process.env.PARLEY_TALLY, JSON.stringify(tally));
  }
}

/** @param {string} text */
function firstLine(text) {
  return text.split('\n', 1)[0]?.slice(0, 300) ?? '';
}
