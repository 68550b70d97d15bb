import type { MessageView } from '@parley/core';
import { ArrowLeft, Search } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { VList } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name, usePerson } from '../people/Name.tsx';
import { jumpTo, sortedChannels } from '../state/actions.ts';
import { placeOf, tellApart } from '../state/channels.ts';
import { search } from '../state/search.ts';
import { plural } from '../state/words.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { shortTime } from '../ui/time.ts';
import { MessageText } from './MessageText.tsx';
import { inert } from './plain.ts';

const TYPING_MS = 200;

/** Finds words in all that this browser keeps. */
export default function SearchView(): ReactNode {
  const context = useApp();
  const state = useSelect((all) => all.search);
  const channels = useSelect((all) => all.channels);
  const places = useMemo(
    () => sortedChannels((channels ?? []).filter(({ joined, id }) => joined || id === state.channel)),
    [channels, state.channel],
  );
  const apart = useMemo(() => tellApart(places), [places]);
  const [query, setQuery] = useState(state.query);
  const [channel, setChannel] = useState(state.channel ?? '');

  useEffect(() => {
    const timer = setTimeout(() => void search(context, query, channel || undefined), TYPING_MS);
    return () => clearTimeout(timer);
  }, [context, query, channel]);

  return (
    <main className="main">
      <header className="main-head search-head">
        <IconButton icon={ArrowLeft} label="Back" onClick={() => history.back()} />
        <h1 className="sr-only">Search</h1>
        <div className="search-box">
          <Search aria-hidden="true" />
          <input
            // biome-ignore lint/a11y/noAutofocus: the view is for nothing else
            autoFocus
            type="search"
            dir="auto"
            placeholder="Search messages"
            aria-label="Search messages"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
          />
        </div>
        <select aria-label="Where to search" value={channel} onChange={(event) => setChannel(event.target.value)}>
          <option value="">All channels</option>
          {places.map((known) => (
            <option key={known.id} value={known.id}>
              {inert(placeOf(known))} {apart.get(known.id)}
            </option>
          ))}
        </select>
      </header>
      <Results query={query} />
    </main>
  );
}

function Results({ query }: { query: string }): ReactNode {
  const { results, error, busy } = useSelect((all) => all.search);
  const words = query.split(/[\s"*]+/).filter((word) => word.length > 1);
  if (error !== undefined) return <p className="search-note field-error">{error}</p>;
  if (query.trim() === '') {
    return (
      <div className="search-note">
        <p>This searches what is kept in this browser. Nobody else is asked.</p>
      </div>
    );
  }
  if (!results) return <div className="search-note" aria-busy="true" />;
  return (
    <>
      <p className="search-count quiet" role="status">
        {busy ? 'Searching…' : results.length === 0 ? `Nothing found for “${inert(query)}”` : plural(results.length, 'message')}
      </p>
      <VList className="search-results" data={results}>
        {(message) => <Result key={message.cursor} message={message} words={words} />}
      </VList>
    </>
  );
}

function Result({ message, words }: { message: MessageView; words: readonly string[] }): ReactNode {
  const context = useApp();
  const person = usePerson(message.sender);
  return (
    <article className="result">
      <Avatar person={person} size={32} />
      <div className="message-main">
        <div className="message-head">
          <Name person={person} coloured />
          <span className="quiet">
            in <bdi>{inert(placeOf({ kind: message.channel_kind, name: message.channel }))}</bdi>
          </span>
          <time className="quiet" dateTime={message.time}>
            {shortTime(message.time)}
          </time>
          <button type="button" className="button-small result-jump" onClick={() => void jumpTo(context, message)}>
            Go there
          </button>
        </div>
        <MessageText text={message.text} marked={words} />
      </div>
    </article>
  );
}
