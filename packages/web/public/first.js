// Runs before the first paint and before the app's own script has come.
let known = false;
try {
  // So that a chosen theme does not flash in the other one.
  const theme = JSON.parse(localStorage.getItem('parley.settings') ?? '{}').theme;
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  known = localStorage.getItem('parley.shell') !== null;
} catch {
  // Without storage, or with something else in it, the system's theme holds.
}
// The node's script takes longest of all to load, and its worker does that beside the page. The build fills in the names.
const { node, app } = document.currentScript.dataset;
if (node && isSecureContext) {
  const worker = new Worker(node, { type: 'module', name: 'node' });
  globalThis.earlyNode = worker;
  worker.onerror = () => {
    // The page tries once more, and can say what is wrong.
    globalThis.earlyNode = undefined;
  };
}
// A newcomer is asked for a name before the rest of the app is needed.
if (known && app) {
  for (const href of app.split(' ')) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
}
