import { type Context, wordsOf } from './context.ts';

const SEARCH_LIMIT = 100;
let questions = 0;

/** Looks for words, in one channel or in all. What was found before stays in sight until there is an answer; of an earlier question there comes none. */
export async function search({ store, parley }: Context, query: string, channel: string | undefined): Promise<void> {
  questions += 1;
  const question = questions;
  const asked = { query, ...(channel !== undefined && { channel }) };
  if (query.trim() === '') {
    store.update((state) => ({ ...state, search: { ...asked, busy: false } }));
    return;
  }
  store.update((state) => {
    const { query: before, channel: where, ...shown } = state.search;
    return { ...state, search: { ...shown, ...asked, busy: before !== query || where !== channel || !shown.results } };
  });
  const done = await parley.node
    .search(query, { limit: SEARCH_LIMIT, ...(channel !== undefined && { channel }) })
    .then((results) => ({ ...asked, busy: false, results }))
    .catch((error: unknown) => ({ ...asked, busy: false, error: wordsOf(error) }));
  if (question === questions) store.update((state) => ({ ...state, search: done }));
}

/** Asks again what is asked on the screen: something was written or changed since. */
export async function searchAgain(context: Context): Promise<void> {
  const { route, search: asked } = context.store.get();
  if (route.view === 'search' && asked.query.trim() !== '') await search(context, asked.query, asked.channel);
}
