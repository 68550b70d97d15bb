import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { loadedFirst } from './worker/first.ts';
import { oneLanguage } from './worker/one-language.ts';
import { serviceWorker } from './worker/plugin.ts';
import { withoutSummaries } from './worker/without-summaries.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const fixture: Plugin = {
  name: 'parley:fixture',
  enforce: 'pre',
  resolveId: (source, importer) => (source === './open.ts' && importer === here('./src/main.tsx') ? here('./dev/fixture.ts') : null),
};

/** `--mode fixture` builds the app over a made-up node, for looking at it: into a folder of its own, never into the product. */
export default defineConfig(({ mode }) => ({
  root: here('.'),
  plugins: [
    ...(mode === 'fixture' ? [fixture] : []),
    oneLanguage(),
    withoutSummaries(),
    react(),
    loadedFirst(),
    serviceWorker(here('./worker/sw.js')),
  ],
  resolve: {
    // Our own packages come from their sources. By name, not by the condition `source`: packages of others mean something else by it.
    alias: [
      // The browser's own table of entities instead of one of 10 kB.
      { find: /^entities$/, replacement: fileURLToPath(new URL('./src/chat/entities.ts', import.meta.url)) },
      { find: /^@parley\/core$/, replacement: here('../core/src/index.ts') },
      { find: /^@parley\/core\/errors$/, replacement: here('../core/src/util/errors.ts') },
      { find: /^@parley\/browser$/, replacement: here('../browser/src/index.ts') },
      { find: /^@parley\/browser\/worker$/, replacement: here('../browser/src/worker/index.ts') },
    ],
  },
  worker: {
    format: 'es',
    plugins: () => [oneLanguage(), withoutSummaries()],
    // Annotations are for bundlers: hundreds of them would be loaded for nothing.
    rolldownOptions: { output: { comments: { annotation: false, jsdoc: false, legal: true } } },
  },
  build: {
    outDir: here(mode === 'fixture' ? '../../.cache/web-fixture' : './dist'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'assets/manifest.json',
    chunkSizeWarningLimit: 1000,
  },
}));
