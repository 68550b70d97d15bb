import type { Plugin } from 'vite';

const LANGUAGES = /\/dist\/private\/intl\/.*\/\w\w-\w\w\.mjs$/;

/** The app speaks English so far; the component library need not bring its few words in thirty-three more languages. */
export function oneLanguage(): Plugin {
  return {
    name: 'parley:one-language',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!/\w\w-\w\w\.mjs$/.test(source)) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      if (!resolved || !LANGUAGES.test(resolved.id)) return resolved;
      return { ...resolved, id: resolved.id.replace(/\w\w-\w\w\.mjs$/, 'en-US.mjs') };
    },
  };
}
