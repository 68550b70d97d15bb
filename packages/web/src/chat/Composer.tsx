import { MAX_TEXT_BYTES, sizeText } from '@parley/core';
import { CornerUpLeft, File as FileIcon, Paperclip, Pencil, SendHorizontal, Smile, X } from 'lucide-react';
import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { flushSync } from 'react-dom';
import { useApp, useSelect } from '../app/hooks.ts';
import { Name, usePerson } from '../people/Name.tsx';
import { replyTo } from '../state/actions.ts';
import { edit, startEditing } from '../state/acts.ts';
import { send } from '../state/conversation.ts';
import { noteTyping } from '../state/presence.ts';
import { mayEdit } from '../state/rights.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { part } from '../ui/part.tsx';
import { excerpt } from './excerpt.ts';
import { inert, utf8Bytes } from './plain.ts';
import { textPieces } from './textPieces.tsx';
import { useDraft } from './useDraft.ts';
import { useEditedText } from './useEditedText.ts';
import { usePending } from './usePending.ts';

const EmojiPopup = part(() => import('./EmojiPopup.tsx'));

/** From here on the room that is left is told. */
const WARN_BYTES = MAX_TEXT_BYTES - 4096;

/** Where one writes. Its text is its own until it is sent, so that typing redraws nothing else. The conversation around it is of one channel. */
export function Composer({ channelId, place }: { channelId: string; place: string }): ReactNode {
  const context = useApp();
  const [picking, setPicking] = useState(false);
  const answered = useSelect(({ replies }) => replies[channelId]);
  const edited = useSelect(({ edits }) => edits[channelId]);
  const draft = useDraft(channelId);
  const changed = useEditedText(edited);
  // What is edited stands where one writes, and the draft comes back when that is done.
  const { text, setText } = edited ? changed : draft;
  const pending = usePending(channelId);
  const enterSends = useSelect(({ settings }) => settings.enterSends);
  const chooser = useRef<HTMLInputElement>(null);
  const smile = useRef<HTMLButtonElement>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const bytes = text.length * 3 > WARN_BYTES ? utf8Bytes(text) : 0;
  const tooLong = bytes > MAX_TEXT_BYTES;
  const ready =
    (text.trim() !== '' || (pending.files.length > 0 && !edited)) &&
    !tooLong &&
    (edited !== undefined || pending.attachments !== undefined);

  useLayoutEffect(() => grow(area.current, text), [text]);

  useEffect(() => {
    if (edited) area.current?.focus();
  }, [edited]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever answers wants to write
  useEffect(() => {
    if (matchMedia('(hover: hover)').matches || answered) area.current?.focus();
  }, [answered, channelId]);

  const submit = (): void => {
    if (!ready) return;
    if (edited) {
      if (text.trimEnd() !== edited.text) void edit(context, edited, text.trimEnd());
      startEditing(context, channelId, undefined);
      return;
    }
    void send(context, channelId, text.trimEnd(), {
      ...(answered && { replyTo: answered.msg_id }),
      ...(pending.attachments &&
        pending.attachments.length > 0 && { attachments: pending.attachments, drafts: pending.files.map(({ id }) => id) }),
    });
    setText('');
    noteTyping(context, channelId, '', true);
    pending.clear();
    replyTo(context, channelId, undefined);
    area.current?.focus();
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    // Enter ends the word that an input method composes.
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || (enterSends && !event.shiftKey && !event.altKey))) {
      event.preventDefault();
      submit();
    } else if (event.key === 'ArrowUp' && text === '') {
      const { channels, timelines } = context.store.get();
      const channel = channels?.find(({ id }) => id === channelId);
      const own = timelines[channelId]?.messages.findLast((message) => mayEdit(channel, message));
      if (!own) return;
      event.preventDefault();
      startEditing(context, channelId, own);
    } else if (event.key === 'Escape' && edited) {
      event.stopPropagation();
      startEditing(context, channelId, undefined);
    } else if (event.key === 'Escape' && answered) {
      event.stopPropagation();
      replyTo(context, channelId, undefined);
    }
  };

  const insert = (emoji: string): void => {
    const { selectionStart: start, selectionEnd: end } = area.current ?? { selectionStart: text.length, selectionEnd: text.length };
    context.keep.noteEmoji(emoji);
    // The picker holds the focus as long as it is there, and gives it to its button unless it is elsewhere by then.
    flushSync(() => {
      setText(text.slice(0, start) + emoji + text.slice(end));
      setPicking(false);
    });
    area.current?.focus();
    area.current?.setSelectionRange(start + emoji.length, start + emoji.length);
  };

  const onPaste = (event: ClipboardEvent): void => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    pending.add(event.clipboardData.files);
  };
  const onDrop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    pending.add(event.dataTransfer.files);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: files that are dropped can be chosen with the button as well
    <div className="composer" onDrop={onDrop} onDragOver={(event) => event.preventDefault()}>
      {edited ? <EditBar channelId={channelId} /> : answered && <ReplyBar channelId={channelId} />}
      {pending.files.length > 0 && !edited && (
        <ul className="pending-files" aria-label="Files to send">
          {pending.files.map((file) => (
            <li key={file.id}>
              <FileIcon aria-hidden="true" />
              <bdi>{inert(file.name)}</bdi>
              <span className="quiet">
                {sizeText(file.size)}
                {!file.attachment &&
                  (file.lost ? ', was cut off: choose it again' : file.share !== undefined && `, ${Math.round(file.share * 100)} % read`)}
              </span>
              <IconButton icon={X} label={`Leave out ${inert(file.name)}`} onClick={() => pending.remove(file)} />
            </li>
          ))}
        </ul>
      )}
      <div className="composer-box">
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          onChange={({ target }) => {
            pending.add(target.files ?? []);
            // The same file can be chosen again.
            target.value = '';
          }}
        />
        <IconButton icon={Paperclip} label="Attach files" disabled={edited !== undefined} onClick={() => chooser.current?.click()} />
        <textarea
          ref={area}
          rows={1}
          dir="auto"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            noteTyping(context, channelId, event.target.value);
          }}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          placeholder={place.startsWith('#') ? `Write in ${inert(place)}` : `Write to ${inert(place)}`}
          aria-label={`Message to ${inert(place)}`}
          aria-describedby={bytes > 0 ? 'composer-limit' : undefined}
          enterKeyHint={enterSends ? 'send' : 'enter'}
        />
        <IconButton
          ref={smile}
          icon={Smile}
          label="Emoji"
          aria-haspopup="dialog"
          aria-expanded={picking}
          onClick={() => setPicking(!picking)}
        />
        {picking && <EmojiPopup trigger={smile} title="Emoji" onPick={insert} onClose={() => setPicking(false)} />}
        <IconButton icon={SendHorizontal} label="Send" keys="Enter" className="composer-send" disabled={!ready} onClick={submit} />
      </div>
      {bytes > WARN_BYTES && (
        <p id="composer-limit" className={tooLong ? 'composer-limit field-error' : 'composer-limit quiet'} role="status">
          {tooLong
            ? `Too long by ${sizeText(bytes - MAX_TEXT_BYTES)}: a message holds at most ${sizeText(MAX_TEXT_BYTES)}. Send it in parts.`
            : `${sizeText(MAX_TEXT_BYTES - bytes)} of ${sizeText(MAX_TEXT_BYTES)} left`}
        </p>
      )}
    </div>
  );
}

function EditBar({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  return (
    <div className="reply-bar">
      <Pencil aria-hidden="true" />
      <span className="quote-text">Editing your message</span>
      <IconButton icon={X} label="Leave it as it was" onClick={() => startEditing(context, channelId, undefined)} />
    </div>
  );
}

function ReplyBar({ channelId }: { channelId: string }): ReactNode {
  const context = useApp();
  const message = useSelect(({ replies }) => replies[channelId]);
  if (!message) return null;
  return (
    <div className="reply-bar">
      <CornerUpLeft aria-hidden="true" />
      <ReplyName sender={message.sender} />
      <span className="quote-text" dir="auto">
        {textPieces(excerpt(message.text))}
      </span>
      <IconButton icon={X} label="Do not reply" keys="Esc" onClick={() => replyTo(context, channelId, undefined)} />
    </div>
  );
}

function ReplyName({ sender }: { sender: Parameters<typeof usePerson>[0] }): ReactNode {
  const person = usePerson(sender);
  return (
    <>
      <span className="sr-only">Reply to </span>
      <Name person={person} coloured />
    </>
  );
}

/** As high as what is written in it; the style sheet sets the limit. */
function grow(area: HTMLTextAreaElement | null, text: string): void {
  if (!area) return;
  // What has line-fitting of its own needs no help.
  if (CSS.supports('field-sizing', 'content')) return;
  area.style.height = 'auto';
  area.style.height = text === '' ? '' : `${area.scrollHeight}px`;
}
