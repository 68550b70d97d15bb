import type { Plugin } from 'vite';

const LITERAL = String.raw`'(?:[^'\\\n]|\\.)*'`;
/** A member with a text, perhaps put together of several. */
const SUMMARY = new RegExp(String.raw`\b(?:summary|description|source):\s*${LITERAL}(?:\s*\+\s*${LITERAL})*,?`, 'g');

/** What verbs, and views of the API, say of themselves is for the documents alone: no page reads it, and every first visit would load it. */
export function withoutSummaries(): Plugin {
  return {
    name: 'parley:without-summaries',
    enforce: 'pre',
    transform: (code, id) => (/\/core\/src\/(.*(verbs|wire\/schema)|api\/[^/]+)\.ts$/.test(id) ? code.replace(SUMMARY, '') : undefined),
  };
}
