import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Context } from '../state/context.ts';
import type { Store } from '../state/store.ts';
import type { AppState } from '../state/types.ts';

export const ContextOfApp = createContext<Context | undefined>(undefined);

export function useApp(): Context {
  const context = useContext(ContextOfApp);
  if (!context) throw new Error('there is no app around this component');
  return context;
}

/** A part of the state. `select` picks, and makes nothing new: what it returns is compared by identity. */
export function useSelect<T>(select: (state: AppState) => T): T {
  const { store } = useApp();
  return useSyncExternalStore(store.subscribe, () => select(store.get()));
}

export function useStore<S>(store: Store<S>): S {
  return useSyncExternalStore(store.subscribe, store.get);
}
