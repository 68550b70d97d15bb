import { type AttachmentView, type MessageView, sizeText } from '@parley/core';
import { Download, File as FileIcon, FileWarning, Trash2 } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { attempt } from '../state/context.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { inert } from './plain.ts';

/** A text is shown up to this many bytes; the rest is in the file. */
const PREVIEW_BYTES = 4096;

/** What is attached to a message. Only types that show or sound and do nothing else are shown; all others are saved. Its own chunk. */
export default function Attachments({ message }: { message: MessageView }): ReactNode {
  return (
    <ul className="attachments" aria-label="Attachments">
      {message.attachments?.map((attachment) => (
        <li key={attachment.index} className="attachment">
          <Preview message={message} attachment={attachment} />
          <FileLine message={message} attachment={attachment} />
        </li>
      ))}
    </ul>
  );
}

/** Above this nothing is shown where it stands: its bytes would be in memory. */
const SHOWN_BYTES = 32 * 1024 * 1024;

/** What is no part of its message says how much of it is here. */
const isLarge = ({ have }: AttachmentView): boolean => have !== undefined;

const WORDS: Readonly<Record<AttachmentView['state'], string>> = {
  here: '',
  missing: 'has not come yet',
  damaged: 'is not what its sender signed',
  offered: 'has not been fetched yet',
  fetching: 'is being fetched',
  waiting: 'waits for somebody who has it',
  failed: 'could not be fetched',
};

function FileLine({ message, attachment }: { message: MessageView; attachment: AttachmentView }): ReactNode {
  const context = useApp();
  const { name, size, state, have = 0, error } = attachment;
  const place = [message.channel_id, message.cursor, attachment.index] as const;
  const { node } = context.parley;
  const fetch = (): void => void attempt(context, () => node.fetchFile(...place));
  const save = (): void =>
    void attempt(context, async () => {
      const content = isLarge(attachment) ? await node.file(...place) : (await node.attachment(...place)).bytes;
      // Of no type: nothing opens it by itself. A large one stays on the disk of the browser, from where it is copied.
      const url = URL.createObjectURL(new Blob([content as BlobPart], { type: 'application/octet-stream' }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  return (
    <div className="attachment-line">
      {state === 'damaged' ? <FileWarning aria-hidden="true" /> : <FileIcon aria-hidden="true" />}
      <bdi className="attachment-name">{inert(name)}</bdi>
      <span className="quiet">
        {sizeText(size)}
        {state !== 'here' && `, ${WORDS[state]}`}
        {have > 0 && have < size && `, ${Math.floor((100 * have) / size)} %`}
        {error && `: ${error.message}`}
      </span>
      {(state === 'offered' || state === 'failed' || (state === 'waiting' && error)) && (
        <button type="button" className="button-small" onClick={fetch} aria-label={`Fetch ${inert(name)}`}>
          <Download aria-hidden="true" /> Fetch
        </button>
      )}
      {(state === 'here' || state === 'missing') && (
        <button type="button" className="button-small" onClick={save} aria-label={`Save ${inert(name)}`}>
          <Download aria-hidden="true" /> {state === 'here' ? 'Save' : 'Fetch'}
        </button>
      )}
      {attachment.root !== undefined && (state === 'here' || have > 0) && (
        <IconButton
          icon={Trash2}
          label={`Remove ${inert(name)} from this device`}
          onClick={() => showDialog(context, { kind: 'remove-file', message, index: attachment.index })}
        />
      )}
    </div>
  );
}

function Preview({ message, attachment }: { message: MessageView; attachment: AttachmentView }): ReactNode {
  const { name, type, size, show, state, index } = attachment;
  const content = useContent(message, index, show && state === 'here' && size <= SHOWN_BYTES);
  if (!content) return null;
  if (!content.genuine) return <p className="quiet">Not shown: it is not what its sender says that it is ({inert(type)}).</p>;
  if (type.startsWith('image/')) return <img className="attachment-image" src={content.url} alt={inert(name)} loading="lazy" />;
  if (type.startsWith('audio/')) {
    // biome-ignore lint/a11y/useMediaCaption: what somebody recorded has none
    return <audio className="attachment-audio" controls src={content.url} aria-label={inert(name)} />;
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard
    <pre className="attachment-text" tabIndex={0}>
      {inert(content.text)}
    </pre>
  );
}

interface Content {
  readonly url: string;
  readonly text: string;
  readonly genuine: boolean;
}

/** The bytes, as an address that lives as long as they are shown. */
function useContent({ channel_id, cursor }: MessageView, index: number, wanted: boolean): Content | undefined {
  const context = useApp();
  const [content, setContent] = useState<Content>();
  useEffect(() => {
    if (!wanted) return;
    let url: string | undefined;
    let current = true;
    void attempt(context, async () => {
      const { bytes, type, genuine } = await context.parley.node.attachment(channel_id, cursor, index);
      if (!current) return;
      if (genuine) url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
      setContent({
        url: url ?? '',
        genuine,
        text: type.startsWith('text/') ? new TextDecoder().decode(bytes.subarray(0, PREVIEW_BYTES)) : '',
      });
    });
    return () => {
      current = false;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [context, channel_id, cursor, index, wanted]);
  return content;
}
