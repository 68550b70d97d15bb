import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { HASTY_WORKER, NODE_WORKER, TAB, TAB_PAGE } from './paths.ts';

const SCRIPTS = [
  { path: NODE_WORKER, entry: fileURLToPath(new URL('../pages/node.worker.ts', import.meta.url)) },
  { path: HASTY_WORKER, entry: fileURLToPath(new URL('../pages/hasty.worker.ts', import.meta.url)) },
  { path: TAB, entry: fileURLToPath(new URL('../pages/tab.ts', import.meta.url)) },
];
const PAGE = `<!doctype html><html lang="en"><title>A tab</title><script type="module" src="${TAB}"></script></html>`;

/** A script in one piece, as the product ships it: its modules one by one would be asked for anew by each of hundreds of workers and pages. */
async function bundle(entry: string, conditions: string[]): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    build: { write: false, minify: true, target: 'es2023', rolldownOptions: { input: entry, output: { codeSplitting: false } } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  const chunk = first && 'output' in first ? first.output.find((part) => part.type === 'chunk') : undefined;
  if (chunk?.type !== 'chunk') throw new Error(`${entry} was not built`);
  return chunk.code;
}

/** Serves the worker in which a page's node runs, and the page of a tab of its own, each built when it is first asked for. */
export function testScripts(conditions: string[]): Plugin {
  const built = new Map<string, Promise<string>>();
  return {
    name: 'parley:test-scripts',
    configureServer({ middlewares }) {
      middlewares.use(TAB_PAGE, (_request, response) => response.setHeader('content-type', 'text/html').end(PAGE));
      for (const { path, entry } of SCRIPTS) {
        middlewares.use(path, (_request, response, next) => {
          const code = built.get(entry) ?? bundle(entry, conditions);
          built.set(entry, code);
          response.setHeader('cache-control', 'max-age=3600');
          code.then((text) => response.setHeader('content-type', 'text/javascript').end(text), next);
        });
      }
    },
  };
}
