type Module = typeof import('./binding.ts');

let loading: Promise<Module> | undefined;

/** What speaks STUN, for whoever has UDP: nothing to a tab. */
export function loadStun(): Promise<Module> {
  loading ??= import('./binding.ts');
  return loading;
}
