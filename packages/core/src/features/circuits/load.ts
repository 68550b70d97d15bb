type Serving = typeof import('./serving.ts');
type Making = typeof import('./own.ts');

let serving: Promise<Serving> | undefined;
let making: Promise<Making> | undefined;

/** What a server does for circuits of others: nothing to a tab. */
export function loadServing(): Promise<Serving> {
  serving ??= import('./serving.ts');
  return serving;
}

/** How circuits are made, for those who want any. */
export function loadMaking(): Promise<Making> {
  making ??= import('./own.ts');
  return making;
}
