import type { Plugin, Rolldown } from 'vite';

const MAIN = /\/app\/Main\.tsx$/;
const CONVERSATION = /\/chat\/Conversation\.tsx$/;
const NODE = /^assets\/node\.worker-.*\.js$/;

/** The files of the app behind the gate, and of what most who come again see first. */
function filesOf(bundle: Rolldown.OutputBundle): string[] {
  const chunks = Object.values(bundle).filter((file): file is Rolldown.OutputChunk => file.type === 'chunk');
  const wanted = chunks.filter(({ facadeModuleId: id }) => id !== null && (MAIN.test(id) || CONVERSATION.test(id)));
  return [...new Set(wanted.flatMap(({ fileName, imports }) => [fileName, ...imports]))];
}

/** Tells `first.js` the names of the files that it may load before the app's script does. */
export function loadedFirst(): Plugin {
  return {
    name: 'parley:loaded-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const node = Object.keys(bundle).find((name) => NODE.test(name));
        if (node === undefined) return html;
        const app = filesOf(bundle).map((name) => `/${name}`);
        return html.replace('src="/first.js"', `src="/first.js" data-node="/${node}" data-app="${app.join(' ')}"`);
      },
    },
  };
}
