import type { KnownNode } from '@parley/browser';
import type { MessageView } from '@parley/core';
import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { excerpt } from '../chat/excerpt.ts';
import { inert } from '../chat/plain.ts';
import { textPieces } from '../chat/textPieces.tsx';
import { Name } from '../people/Name.tsx';
import { go, jumpTo, showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { plural } from '../state/words.ts';
import { useFocusHere } from '../ui/focus.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { graphOf, wayOf } from './graph.ts';
import { NetworkMap } from './Map.tsx';

const MAX_NODES = 200;
const REFRESH_MS = 3000;
const NO_WAY: readonly string[] = [];

/** The network as this tab knows it, live. With the cursor of a message: the way it took. Its own chunk. */
export default function NetworkView({ cursor }: { cursor: string | undefined }): ReactNode {
  const status = useSelect((state) => state.status);
  const people = useSelect((state) => state.people);
  const message = useSelect(({ timelines }) => (cursor === undefined ? undefined : messageAt(timelines, cursor)));
  const known = useKnown();
  const own = status?.node_id;
  const here = useFocusHere<HTMLElement>();
  const way = useMemo(() => (message && own !== undefined ? wayOf(message, own) : NO_WAY), [message, own]);
  const graph = useMemo(() => (status ? graphOf(status, known, people, way) : undefined), [status, known, people, way]);
  return (
    <main className="main">
      <header className="main-head">
        <IconButton
          icon={ArrowLeft}
          label="Back"
          className={cursor === undefined ? 'only-narrow' : ''}
          onClick={() => (cursor === undefined ? go({ view: 'home' }) : history.back())}
        />
        <div className="main-title">
          <h1>{message ? 'The way of a message' : 'Network'}</h1>
          {status && (
            <span className="subtitle">
              {plural(status.links.length, 'link')}, {plural(known.length, 'known node')}
            </span>
          )}
        </div>
      </header>
      {message && <MessageLine message={message} />}
      <div className="network">
        {graph && <NetworkMap graph={graph} focus={way} />}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
        <section ref={here} className="network-list" aria-label="The network as lists" tabIndex={0}>
          {message && <Way way={way} />}
          <Links />
          <Known known={known} />
        </section>
      </div>
    </main>
  );
}

function messageAt(
  timelines: Readonly<Record<string, { readonly messages: readonly MessageView[] }>>,
  cursor: string,
): MessageView | undefined {
  return timelines[cursor.split('/')[0] ?? '']?.messages.find((message) => message.cursor === cursor);
}

/** Routes come and go without an event for each: they are asked for while somebody looks. */
function useKnown(): readonly KnownNode[] {
  const context = useApp();
  const [known, setKnown] = useState<readonly KnownNode[]>([]);
  useEffect(() => {
    let current = true;
    const ask = (): void => {
      if (document.visibilityState === 'hidden') return;
      void attempt(context, async () => {
        const [nodes, status] = await Promise.all([context.parley.node.nodes(MAX_NODES), context.parley.node.status()]);
        if (!current) return;
        setKnown(nodes);
        context.store.update((state) => ({ ...state, status }));
      });
    };
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [context]);
  return known;
}

function MessageLine({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  return (
    <button type="button" className="quote network-message" onClick={() => void jumpTo(context, message)}>
      <Name person={message.sender} coloured />
      <span className="quote-text" dir="auto">
        {textPieces(excerpt(message.text))}
      </span>
    </button>
  );
}

function Way({ way }: { way: readonly string[] }): ReactNode {
  const people = useSelect((state) => state.people);
  const self = useSelect(({ status }) => status?.node_id);
  return (
    <section>
      <h2 className="list-heading">The way it took</h2>
      <ol className="way">
        {way.map((id) => (
          <li key={id}>
            {id === self ? 'this browser' : <Name person={people[id] ?? { node_id: id, display: id.replaceAll('-', '').slice(0, 10) }} />}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Links(): ReactNode {
  const context = useApp();
  const links = useSelect(({ status }) => status?.links);
  return (
    <section>
      <h2 className="list-heading">Links of this tab</h2>
      {links?.length === 0 && <p className="quiet network-none">None now. They are made again as soon as a server answers.</p>}
      <ul className="network-rows">
        {links?.map(({ peer, node_type, latency_ms, address }) => (
          <li key={peer.node_id}>
            <button type="button" className="person-row" onClick={() => showDialog(context, { kind: 'person', nodeId: peer.node_id })}>
              <span className={`node-mark node-${node_type}`} aria-hidden="true" />
              <span className="node-text">
                <Name person={peer} />
                <span className="quiet">
                  {node_type} at <bdi>{address}</bdi>
                </span>
              </span>
              <span className="node-figure">{Math.max(1, Math.round(latency_ms))} ms</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Known({ known }: { known: readonly KnownNode[] }): ReactNode {
  const context = useApp();
  const links = useSelect(({ status }) => status?.links);
  const names = new Map(
    [...(links ?? []).map(({ peer }) => peer), ...known.map(({ person }) => person)].map(({ node_id, display }) => [node_id, display]),
  );
  const further = known.filter(({ hops }) => hops > 1);
  return (
    <section>
      <h2 className="list-heading">Further away</h2>
      {further.length === 0 && <p className="quiet network-none">Nobody is known beyond the links.</p>}
      <ul className="network-rows">
        {further.map(({ person, nodeType, hops, latencyMs, via }) => (
          <li key={person.node_id}>
            <button type="button" className="person-row" onClick={() => showDialog(context, { kind: 'person', nodeId: person.node_id })}>
              <span className={`node-mark node-${nodeType ?? 'unknown'}`} aria-hidden="true" />
              <span className="node-text">
                <Name person={person} />
                <span className="quiet">
                  {plural(hops, 'hop')} by <bdi>{inert(names.get(via) ?? via.replaceAll('-', '').slice(0, 10))}</bdi>
                </span>
              </span>
              <span className="node-figure">{Math.max(1, Math.round(latencyMs))} ms</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
