import { errorCode, type PathView, type RouteView } from '@parley/core';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { inert } from '../chat/plain.ts';
import { Name } from '../people/Name.tsx';
import { report } from '../state/context.ts';
import { plural } from '../state/words.ts';

const REFRESH_MS = 5000;

/** All ways to a node, in the order in which they are tried, with their figures and the reason for their place. */
export function Paths({ nodeId }: { nodeId: string }): ReactNode {
  const route = useRoute(nodeId);
  const paths = route?.paths;
  return (
    <section className="safety" aria-busy={paths === undefined}>
      <h3>Ways there</h3>
      {route?.hidden && <p className="quiet">What is between you goes by circuit, and takes none of these ways.</p>}
      {paths?.length === 0 && <p className="quiet">None is known now.</p>}
      <ol className="paths">
        {paths?.map((path) => (
          <li key={`${path.kind} ${path.next.node_id} ${path.through?.node_id} ${path.endpoint}`}>
            <p className="path-step">
              <Step path={path} />
              {path.chosen && <strong className="path-chosen">chosen</strong>}
            </p>
            <p className="path-figures">{figures(path)}</p>
            <p className="quiet path-why">{inert(path.why)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** Measured anew all the time: asked for while somebody looks. */
function useRoute(nodeId: string): Pick<RouteView, 'paths' | 'hidden'> | undefined {
  const context = useApp();
  const [route, setRoute] = useState<Pick<RouteView, 'paths' | 'hidden'>>();
  useEffect(() => {
    let current = true;
    const ask = (): void => {
      context.parley.node.route(nodeId).then(
        (found) => current && setRoute(found),
        (error: unknown) => {
          if (!current) return;
          if (errorCode(error) !== 'not-found') report(context, error);
          setRoute({ paths: [] });
        },
      );
    };
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [context, nodeId]);
  return route;
}

function Step({ path: { kind, next, through, endpoint } }: { path: PathView }): ReactNode {
  if (endpoint !== undefined)
    return (
      <>
        dial <bdi>{inert(endpoint)}</bdi>
      </>
    );
  if (kind === 'neighbour') return 'the link to them';
  return (
    <>
      by <Name person={next} />
      {through && (
        <>
          {' to '}
          <Name person={through} />
        </>
      )}
    </>
  );
}

function figures({ hops, guessed, latency_ms, reliability, cost }: PathView): string {
  const parts = [
    `${guessed ? 'about ' : ''}${plural(hops, 'hop')}`,
    ...(latency_ms === undefined ? [] : [`${Math.max(1, Math.round(latency_ms))} ms`]),
    `${Math.round(reliability * 100)} % reliable`,
    `cost ${cost.toFixed(1)}`,
  ];
  return parts.join(', ');
}
