type Module = typeof import('./dht.ts');

let loading: Promise<Module> | undefined;

/** What speaks UDP: most of the registry, and nothing to a tab. */
export function loadDht(): Promise<Module> {
  loading ??= import('./dht.ts');
  return loading;
}
