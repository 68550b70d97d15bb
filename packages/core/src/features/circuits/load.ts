type Module = typeof import('./serving.ts');

let loading: Promise<Module> | undefined;

/** What a server does for circuits of others: nothing to a tab. */
export function loadServing(): Promise<Module> {
  loading ??= import('./serving.ts');
  return loading;
}
