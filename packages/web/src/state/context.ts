import type { Parley } from '@parley/browser';
import { errorCode } from '@parley/core';
import type { Keep } from './keep.ts';
import { createStore, type Store } from './store.ts';
import type { AppState, Notice } from './types.ts';
import { errorWords, sentence } from './words.ts';

/** What actions work with. */
export interface Context {
  readonly parley: Parley;
  readonly store: Store<AppState>;
  readonly keep: Keep;
  /** What a screen reader says next, politely. */
  readonly announcement: Store<string>;
}

const MAX_NOTICES = 3;
/** Time to read a sentence or two. */
const READ_MS = 12_000;
let notices = 0;

export function createContext(parley: Parley, keep: Keep, route: AppState['route']): Context {
  const shell = keep.shell();
  const store = createStore<AppState>({
    phase: parley.phase,
    ...(shell && { shell }),
    closed: {},
    people: {},
    members: {},
    typing: {},
    timelines: {},
    changes: {},
    outbox: keep.outbox(),
    replies: {},
    edits: {},
    route,
    search: { query: '', busy: false },
    settings: keep.settings(),
    notices: [],
    storageFull: false,
    updateReady: false,
  });
  return { parley, store, keep, announcement: createStore('') };
}

/** Shows a few words until they are dismissed, or newer ones need the room. Those that ask for nothing go by themselves. Returns their id. */
export function notify(context: Context, kind: Notice['kind'], text: string, stays = kind === 'error'): number {
  notices += 1;
  const notice: Notice = { id: notices, kind, text };
  context.store.update((state) => ({
    ...state,
    notices: [...state.notices.filter((known) => known.text !== text), notice].slice(-MAX_NOTICES),
  }));
  if (!stays) setTimeout(() => dismiss(context, notice.id), READ_MS);
  return notice.id;
}

export function dismiss({ store }: Context, id: number): void {
  store.update((state) => ({ ...state, notices: state.notices.filter((notice) => notice.id !== id) }));
}

/** What went wrong, in words for people. */
export function wordsOf(error: unknown): string {
  return errorWords(errorCode(error), error instanceof Error ? error.message : String(error));
}

/** The same of what only the node can explain: somebody is a contact already, is the only owner, may not do it. */
export function explain(error: unknown): string {
  const told = ['conflict', 'quota', 'refused', 'too-large', 'bad-argument', 'timeout'].includes(errorCode(error));
  return told && error instanceof Error ? sentence(error.message) : wordsOf(error);
}

/** Tells the user of an error that nothing else tells of. */
export function report(context: Context, error: unknown): void {
  const code = errorCode(error);
  // A page that is being closed ends its calls.
  if (code === 'aborted' || code === 'closed') return;
  if (code === 'storage-full') context.store.update((state) => ({ ...state, storageFull: true }));
  notify(context, 'error', wordsOf(error));
}

/** Does something that the user asked for, and reports when it fails. */
export async function attempt<T>(context: Context, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    report(context, error);
    return undefined;
  }
}
