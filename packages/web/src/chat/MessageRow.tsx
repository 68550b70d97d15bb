import { displayName, type MessageView } from '@parley/core';
import { Info, Reply, RotateCcw, Trash2 } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name, NameButton, usePerson } from '../people/Name.tsx';
import { openPanel, replyTo, showDialog } from '../state/actions.ts';
import { discard, sendAgain } from '../state/conversation.ts';
import type { Row } from '../state/rows.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { clockTime, fullTime } from '../ui/time.ts';
import { Delivery } from './Delivery.tsx';
import { MessageText } from './MessageText.tsx';
import { Quote } from './Quote.tsx';

type MessageRowOf = Extract<Row, { kind: 'message' }>;

interface MessageRowProps {
  readonly row: MessageRowOf;
  /** A jump led here. */
  readonly target: boolean;
  /** The keyboard is here. */
  readonly current: boolean;
}

export const MessageRow = memo(
  function MessageRow({ row, target, current }: MessageRowProps): ReactNode {
    const { message, continued, late, words } = row;
    const person = usePerson(message.sender);
    return (
      <article
        className={`message ${continued ? 'message-continued' : ''} ${message.own ? 'message-own' : ''} ${target ? 'message-target' : ''}`}
        data-cursor={message.cursor}
        tabIndex={current ? 0 : -1}
        aria-label={`${person.display}, ${clockTime(message.time)}`}
      >
        {message.reply_to !== undefined && <Quote channelId={message.channel_id} msgId={message.reply_to} />}
        <div className="message-side">
          {continued ? (
            <time className="message-hover-time" dateTime={message.time} title={fullTime(message.time)}>
              {clockTime(message.time)}
            </time>
          ) : (
            <AvatarButton message={message} />
          )}
        </div>
        <div className="message-main">
          {!continued && (
            <div className="message-head">
              <NameButton person={person} />
              <time dateTime={message.time} title={fullTime(message.time)}>
                {clockTime(message.time)}
              </time>
              {late && <span className="late">came late</span>}
            </div>
          )}
          <div className="message-body">
            <MessageText text={message.text} />
            {continued && late && <span className="late">came late</span>}
            {message.delivery && <Delivery delivery={message.delivery} words={words} />}
          </div>
        </div>
        <MessageActions message={message} />
      </article>
    );
  },
  // Rows are made anew with every change; what they show seldom changes.
  (a, b) =>
    a.target === b.target &&
    a.current === b.current &&
    a.row.message === b.row.message &&
    a.row.continued === b.row.continued &&
    a.row.late === b.row.late &&
    a.row.words === b.row.words,
);

function AvatarButton({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  // The name beside it does the same by keyboard.
  return (
    <button
      type="button"
      className="avatar-button"
      tabIndex={-1}
      aria-hidden="true"
      onClick={() => showDialog(context, { kind: 'person', nodeId: message.sender.node_id })}
    >
      <Avatar person={message.sender} size={36} />
    </button>
  );
}

function MessageActions({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  return (
    <div className="message-actions">
      <IconButton icon={Reply} label="Reply" keys="R" onClick={() => replyTo(context, message.channel_id, message)} />
      <IconButton icon={Info} label="Details" keys="D" onClick={() => openPanel(context, { kind: 'message', cursor: message.cursor })} />
    </div>
  );
}

/** A message that is not on disk yet, or could not be put there. */
export function OutgoingRow({ row, channelId }: { row: Extract<Row, { kind: 'outgoing' }>; channelId: string }): ReactNode {
  const context = useApp();
  const status = useSelect((state) => state.status);
  const { outgoing, continued } = row;
  const time = new Date(outgoing.at).toISOString();
  const { node_id = '', name = '' } = status ?? {};
  const self = { node_id, name, display: displayName(name, node_id) };
  return (
    <article
      className={`message message-own message-outgoing ${continued ? 'message-continued' : ''}`}
      aria-label={`Your message, ${outgoing.failed ? 'not kept' : 'sending'}`}
    >
      {outgoing.replyTo !== undefined && <Quote channelId={channelId} msgId={outgoing.replyTo} />}
      <div className="message-side">{!continued && <Avatar person={self} size={36} />}</div>
      <div className="message-main">
        {!continued && (
          <div className="message-head">
            <Name person={self} coloured />
            <time dateTime={time}>{clockTime(time)}</time>
          </div>
        )}
        <div className="message-body">
          <MessageText text={outgoing.text} />
          {!outgoing.failed && <Delivery delivery={{ state: 'sending', recipients: [] }} words />}
        </div>
        {outgoing.failed && (
          <div className="outgoing-failed" role="alert">
            <span>Not sent. {outgoing.failed.message}</span>
            <button type="button" className="button-small" onClick={() => void sendAgain(context, channelId, outgoing)}>
              <RotateCcw aria-hidden="true" /> Try again
            </button>
            <button type="button" className="button-small" onClick={() => discard(context, channelId, outgoing.msgId)}>
              <Trash2 aria-hidden="true" /> Discard
            </button>
          </div>
        )}
      </div>
    </article>
  );
}
