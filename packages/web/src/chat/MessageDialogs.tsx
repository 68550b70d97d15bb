import { forwarded, type MessageView } from '@parley/core';
import { type ReactNode, useMemo } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { ChannelIcon } from '../channels/ChannelIcon.tsx';
import { openChannel, showDialog, sortedChannels } from '../state/actions.ts';
import { remove } from '../state/acts.ts';
import { tellApart } from '../state/channels.ts';
import { attempt } from '../state/context.ts';
import { send } from '../state/conversation.ts';
import { bytesWords } from '../state/words.ts';
import { Sheet } from '../ui/Sheet.tsx';
import { MessageText } from './MessageText.tsx';
import { inert } from './plain.ts';

export function DeleteDialog({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  const close = (): void => showDialog(context, undefined);
  return (
    <Sheet title="Delete this message?" onClose={close}>
      <blockquote className="details-text">
        <MessageText text={message.text} />
      </blockquote>
      <p>It goes from here and from everybody who gets this. Who has read it may remember it, and a changed program may keep it.</p>
      <div className="button-row">
        <button type="button" className="button" onClick={close}>
          Keep it
        </button>
        <button
          type="button"
          className="button button-danger"
          onClick={() => {
            close();
            void remove(context, message);
          }}
        >
          Delete
        </button>
      </div>
    </Sheet>
  );
}

/** Of a large file: what is here of it makes room for other things. */
export function RemoveFileDialog({ message, index }: { message: MessageView; index: number }): ReactNode {
  const context = useApp();
  const attachment = message.attachments?.[index];
  const close = (): void => showDialog(context, undefined);
  const remove = (root: string): void => {
    close();
    void attempt(context, () => context.parley.node.removeFile(root));
  };
  if (attachment?.root === undefined) return null;
  const { name, size, state, root } = attachment;
  return (
    <Sheet title="Remove this file from this device?" onClose={close}>
      <p>
        <bdi>{inert(name)}</bdi>, {bytesWords(size)}.{' '}
        {message.own
          ? 'You sent it: others cannot get it from this device any more. Those who have it keep it, and give it to whoever asks.'
          : 'Its message stays, and you can fetch it again as long as somebody has it.'}
        {state !== 'here' && ' Fetching it ends.'}
      </p>
      <div className="button-row">
        <button type="button" className="button" onClick={close}>
          Keep it
        </button>
        <button type="button" className="button button-danger" onClick={() => remove(root)}>
          Remove
        </button>
      </div>
    </Sheet>
  );
}

export function ForwardDialog({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  const channels = useSelect((state) => state.channels);
  const joined = useMemo(() => sortedChannels((channels ?? []).filter((channel) => channel.joined)), [channels]);
  const apart = useMemo(() => tellApart(joined), [joined]);
  const close = (): void => showDialog(context, undefined);
  return (
    <Sheet title="Forward to" onClose={close} className="modal-browse">
      <ul className="forward-list">
        {joined.map(({ id, name, kind }) => (
          <li key={id}>
            <button
              type="button"
              className="forward-row"
              onClick={() => {
                close();
                openChannel(id);
                void send(context, id, forwarded(message));
              }}
            >
              <ChannelIcon kind={kind} />
              <bdi>{inert(name)}</bdi>
              {apart.has(id) && <span className="name-digits">{apart.get(id)}</span>}
            </button>
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
