import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** Writes `sw.js` with the list of all files of the build, and a version that changes when one of them does. */
export function serviceWorker(source: string): Plugin {
  let publicDir = '';
  return {
    name: 'parley:service-worker',
    apply: 'build',
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const worker = readFileSync(source, 'utf8');
        const hash = createHash('sha256').update(worker);
        for (const file of Object.values(bundle)) hash.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
        for (const name of readdirSync(publicDir)) hash.update(name).update(readFileSync(`${publicDir}/${name}`));
        const built = Object.keys(bundle).filter(
          (name) => name !== 'index.html' && !name.endsWith('.map') && !name.endsWith('manifest.json'),
        );
        const files = ['/', ...[...built, ...readdirSync(publicDir)].map((name) => `/${name}`)].sort();
        const version = hash.digest('hex').slice(0, 12);
        this.emitFile({
          type: 'asset',
          fileName: 'sw.js',
          source: worker
            .replace('/* PRECACHE */ []', () => JSON.stringify(files))
            .replace("/* VERSION */ 'dev'", () => JSON.stringify(version)),
        });
      },
    },
  };
}
