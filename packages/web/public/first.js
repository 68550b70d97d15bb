// Runs before the first paint and before the app's own script has come.
let kept;
try {
  // So that a chosen theme does not flash in the other one.
  const theme = JSON.parse(localStorage.getItem('parley.settings') ?? '{}').theme;
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  kept = localStorage.getItem('parley.shell');
} catch {
  // Without storage, or with something else in it, the system's theme holds.
}
// Where somebody is known, the node starts while the page loads, and so does what the page will show of it. The build fills in their names.
const { node, app } = document.currentScript.dataset;
if (kept && node) {
  for (const href of app.split(' ')) document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
  const worker = new Worker(node, { type: 'module', name: 'node' });
  globalThis.earlyNode = worker;
  worker.onerror = () => {
    // The page tries once more, and can say what is wrong.
    globalThis.earlyNode = undefined;
  };
}
