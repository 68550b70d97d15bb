import type { AttachmentView, MessageView } from '@parley/core';
import { Download, File as FileIcon, FileWarning } from 'lucide-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { attempt } from '../state/context.ts';
import { bytesWords } from '../state/words.ts';
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

const WORDS: Readonly<Record<AttachmentView['state'], string>> = {
  here: '',
  missing: 'has not come yet',
  damaged: 'is not what its sender signed',
  offered: 'is not fetched yet: too large for a browser',
  fetching: 'is being fetched',
  waiting: 'waits for somebody who has it',
  failed: 'could not be fetched',
};

function FileLine({ message, attachment }: { message: MessageView; attachment: AttachmentView }): ReactNode {
  const context = useApp();
  const { name, size, state } = attachment;
  const save = (): void =>
    void attempt(context, async () => {
      const { bytes } = await context.parley.node.attachment(message.channel_id, message.msg_id, attachment.index);
      // Of no type: nothing opens it by itself.
      const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'application/octet-stream' }));
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
        {bytesWords(size)}
        {state !== 'here' && `, ${WORDS[state]}`}
      </span>
      {(state === 'here' || state === 'missing') && (
        <button type="button" className="button-small" onClick={save} aria-label={`Save ${inert(name)}`}>
          <Download aria-hidden="true" /> {state === 'here' ? 'Save' : 'Fetch'}
        </button>
      )}
    </div>
  );
}

function Preview({ message, attachment }: { message: MessageView; attachment: AttachmentView }): ReactNode {
  const { name, type, show, state, index } = attachment;
  const content = useContent(message, index, show && state === 'here');
  if (!content) return null;
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
}

/** The bytes, as an address that lives as long as they are shown. */
function useContent({ channel_id, msg_id }: MessageView, index: number, wanted: boolean): Content | undefined {
  const context = useApp();
  const [content, setContent] = useState<Content>();
  useEffect(() => {
    if (!wanted) return;
    let url: string | undefined;
    let current = true;
    void attempt(context, async () => {
      const { bytes, type } = await context.parley.node.attachment(channel_id, msg_id, index);
      if (!current) return;
      url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));
      setContent({ url, text: type.startsWith('text/') ? new TextDecoder().decode(bytes.subarray(0, PREVIEW_BYTES)) : '' });
    });
    return () => {
      current = false;
      if (url !== undefined) URL.revokeObjectURL(url);
    };
  }, [context, channel_id, msg_id, index, wanted]);
  return content;
}
