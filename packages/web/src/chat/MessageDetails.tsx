import type { MessageView } from '@parley/core';
import { Share2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useSelect } from '../app/hooks.ts';
import { Name, NameButton, usePerson } from '../people/Name.tsx';
import { go } from '../state/actions.ts';
import { deliverySummary, plural } from '../state/words.ts';
import { CopyButton } from '../ui/CopyButton.tsx';
import { Panel } from '../ui/Panel.tsx';
import { fullTime } from '../ui/time.ts';
import { Recipients } from './Delivery.tsx';
import { MessageText } from './MessageText.tsx';

/** What is known of one message: who signed it, the way it took, and where it stands. */
export function MessageDetails({ channelId, cursor }: { channelId: string; cursor: string }): ReactNode {
  const message = useSelect(({ timelines }) => timelines[channelId]?.messages.find((known) => known.cursor === cursor));
  return (
    <Panel title="Message" label="Details of the message" closeLabel="Close details">
      <div className="panel-body">{message ? <Details message={message} /> : <p className="quiet">This message is not loaded.</p>}</div>
    </Panel>
  );
}

function Details({ message }: { message: MessageView }): ReactNode {
  const person = usePerson(message.sender);
  return (
    <>
      <blockquote className="details-text">
        {message.deleted ? <p className="quiet">This message was deleted.</p> : <MessageText text={message.text} />}
      </blockquote>
      <dl className="facts">
        <dt>From</dt>
        <dd>
          <NameButton person={person} />
        </dd>
        <dt>Written</dt>
        <dd>
          {fullTime(message.time)}
          <span className="quiet"> by the sender's clock</span>
        </dd>
        {!message.own && (
          <>
            <dt>Received</dt>
            <dd>{fullTime(message.received)}</dd>
          </>
        )}
        <dt>Signed by</dt>
        <dd>
          {message.sender.key === undefined ? (
            <span className="quiet">key not known</span>
          ) : (
            <span className="fact-line">
              <code>{message.sender.key}</code>
              <CopyButton text={message.sender.key} label="Copy the key id" />
            </span>
          )}
        </dd>
        <dt>Number</dt>
        <dd>
          {message.seq.toLocaleString()}
          <span className="quiet"> of this sender in this channel</span>
        </dd>
        <dt>Message id</dt>
        <dd>
          <code>{message.msg_id}</code>
        </dd>
      </dl>
      <Way message={message} />
      {message.delivery && (
        <section>
          <h3>{deliverySummary(message.delivery)}</h3>
          <Recipients delivery={message.delivery} />
        </section>
      )}
    </>
  );
}

function Way({ message }: { message: MessageView }): ReactNode {
  const people = useSelect((state) => state.people);
  const person = usePerson(message.sender);
  if (message.own) return null;
  const { given_by, via = [] } = message;
  if (given_by) {
    return (
      <section>
        <h3>The way it took</h3>
        <p className="quiet">
          It came later, from <Name person={people[given_by.node_id] ?? given_by} />, who had kept it. The way it took before is not known.
        </p>
      </section>
    );
  }
  const short = (id: string): string => id.replaceAll('-', '').slice(0, 10);
  return (
    <section>
      <h3>The way it took</h3>
      <ol className="way">
        <li>
          <Name person={person} coloured />
        </li>
        {via.map((id) => (
          <li key={id}>
            <Name person={people[id] ?? { node_id: id, display: short(id) }} />
          </li>
        ))}
        <li>this browser</li>
      </ol>
      <p className="quiet">{via.length === 0 ? 'It came straight from its sender.' : `${plural(via.length, 'node')} passed it on.`}</p>
      <button type="button" className="button" onClick={() => go({ view: 'network', cursor: message.cursor })}>
        <Share2 aria-hidden="true" /> Show it in the network
      </button>
    </section>
  );
}
