import { type MessageView, type Person, personOfNode } from '@parley/core';
import { Pin, RotateCcw, Trash2 } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import { useApp } from '../app/hooks.ts';
import { Avatar } from '../people/Avatar.tsx';
import { Name, NameButton, usePerson, useSelf, useShow } from '../people/Name.tsx';
import { discard, sendAgain } from '../state/conversation.ts';
import type { Row } from '../state/rows.ts';
import { part } from '../ui/part.tsx';
import { clockTime, fullTime } from '../ui/time.ts';
import { Delivery } from './Delivery.tsx';
import { MessageActions } from './MessageActions.tsx';
import { MessageText } from './MessageText.tsx';
import { Quote } from './Quote.tsx';
import { Reactions } from './Reactions.tsx';

const Attachments = part(() => import('./Attachments.tsx'));

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
            <AvatarButton person={person} />
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
            {message.deleted ? <Deleted message={message} /> : <MessageText text={message.text} />}
            {message.edited !== undefined && (
              <span className="edited" title={fullTime(message.edited)}>
                edited
              </span>
            )}
            {message.pinned && <Pin className="pinned-mark" aria-label="pinned" />}
            {continued && late && <span className="late">came late</span>}
            {message.delivery && <Delivery delivery={message.delivery} words={words} />}
          </div>
          {message.attachments && <Attachments message={message} />}
          {message.reactions && <Reactions message={message} />}
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

function AvatarButton({ person }: { person: Person }): ReactNode {
  const show = useShow(person);
  // The name beside it does the same by keyboard.
  return (
    <button type="button" className="avatar-button" tabIndex={-1} aria-hidden="true" onClick={show}>
      <Avatar person={person} size={36} />
    </button>
  );
}

function Deleted({ message }: { message: MessageView }): ReactNode {
  const own = message.deleted && personOfNode(message.deleted.by) === personOfNode(message.sender);
  return (
    <div className="text text-deleted">{own ? 'This message was deleted.' : 'This message was deleted by the owner of the channel.'}</div>
  );
}

/** A message that is not on disk yet, or could not be put there. */
export function OutgoingRow({ row, channelId }: { row: Extract<Row, { kind: 'outgoing' }>; channelId: string }): ReactNode {
  const context = useApp();
  const self = useSelf();
  const { outgoing, continued } = row;
  const time = new Date(outgoing.at).toISOString();
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
            <button type="button" className="button-small" onClick={() => discard(context, channelId, outgoing)}>
              <Trash2 aria-hidden="true" /> Discard
            </button>
          </div>
        )}
      </div>
    </article>
  );
}
