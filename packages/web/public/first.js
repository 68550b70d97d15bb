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
// Where somebody is at home, the node starts beside the page: its script takes longest of all to load. So does what the page will show of it.
// A newcomer is asked for a name first. The build fills in the names of the files.
const { node, app } = document.currentScript.dataset;
if (known && node) {
  const worker = new Worker(node, { type: 'module', name: 'node' });
  globalThis.earlyNode = worker;
  worker.onerror = () => {
    // The page tries once more, and can say what is wrong.
    globalThis.earlyNode = undefined;
  };
}
if (known && app) {
  for (const href of app.split(' ')) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
}
