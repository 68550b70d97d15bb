import type { Plugin } from 'vite';

/** What verbs say of themselves is for the documents alone: no page reads it, and every first visit would load it. */
export function withoutSummaries(): Plugin {
  return {
    name: 'parley:without-summaries',
    enforce: 'pre',
    transform: (code, id) =>
      /\/core\/src\/.*(verbs|wire\/schema)\.ts$/.test(id)
        ? code.replace(/\b(summary|description|source):\s*'(?:[^'\\\n]|\\.)*'/g, "$1: ''")
        : undefined,
  };
}
