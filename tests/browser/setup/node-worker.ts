import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'vite';
import { NODE_WORKER } from './paths.ts';

const entry = fileURLToPath(new URL('../pages/node.worker.ts', import.meta.url));

/** The worker's script in one piece, as the product ships it: its modules one by one would be asked for anew by each of hundreds of workers. */
async function bundle(conditions: string[]): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { conditions },
    build: { write: false, minify: false, target: 'es2023', rolldownOptions: { input: entry, output: { codeSplitting: false } } },
  });
  const [first] = Array.isArray(built) ? built : [built];
  const chunk = first && 'output' in first ? first.output.find((part) => part.type === 'chunk') : undefined;
  if (chunk?.type !== 'chunk') throw new Error('the worker of the node was not built');
  return chunk.code;
}

/** Serves the worker in which a page's node runs, built when it is first asked for. */
export function nodeWorker(conditions: string[]): Plugin {
  let code: Promise<string> | undefined;
  return {
    name: 'parley:node-worker',
    configureServer({ middlewares }) {
      middlewares.use(NODE_WORKER, (_request, response, next) => {
        code ??= bundle(conditions);
        code.then((text) => response.setHeader('content-type', 'text/javascript').end(text), next);
      });
    },
  };
}
