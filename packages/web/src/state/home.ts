import { go, setSettings } from './actions.ts';
import type { Context } from './context.ts';
import { readSettings } from './settings.ts';

/** Erases who is at home in this browser, and begins anew. Errors: those of `TabNode.erase`. */
export async function eraseAll({ parley, keep }: Context): Promise<void> {
  await parley.node.erase();
  keep.clear();
  go({ view: 'home' }, true);
  // Nothing of the old identity stays in memory either.
  location.reload();
}

/** Takes what is in a backup; `replace`: in the place of who is at home here. Errors: those of `Parley.restore`. */
export async function restoreBackup(context: Context, file: Blob, passphrase: string, replace: boolean): Promise<void> {
  const { parley, store, keep } = context;
  const { outbox } = store.get();
  // What somebody else had written, and could not hand over, is not to be sent in this name.
  if (replace) store.update((state) => ({ ...state, outbox: {} }));
  try {
    const settings = await parley.restore(file, passphrase, replace);
    if (replace) keep.clear();
    if (settings) setSettings(context, readSettings(JSON.stringify(settings)));
  } catch (error) {
    if (replace) store.update((state) => ({ ...state, outbox }));
    throw error;
  }
}
