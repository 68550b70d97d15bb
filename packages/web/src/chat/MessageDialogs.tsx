import { type ChannelView, forwarded, type MessageView, sizeText } from '@parley/core';
import { type ReactNode, useMemo, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { ChannelIcon } from '../channels/ChannelIcon.tsx';
import { openChannel, showDialog, sortedChannels } from '../state/actions.ts';
import { remove } from '../state/acts.ts';
import { placeOf, tellApart } from '../state/channels.ts';
import { attempt } from '../state/context.ts';
import { send } from '../state/conversation.ts';
import { useFocusHere } from '../ui/focus.ts';
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
      <p className="details-words">
        It is removed here, and for everybody whom this reaches. Whoever has read it may remember it, and a modified program may keep it.
      </p>
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
        <bdi>{inert(name)}</bdi>, {sizeText(size)}.{' '}
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

/** A place is being chosen, beginning at the one that was asked about `before`, or asked about. */
type Step = { readonly to: ChannelView } | { readonly before: string | undefined };

export function ForwardDialog({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  const channels = useSelect((state) => state.channels);
  const joined = useMemo(() => sortedChannels((channels ?? []).filter((channel) => channel.joined)), [channels]);
  const apart = useMemo(() => tellApart(joined), [joined]);
  const [step, setStep] = useState<Step>({ before: undefined });
  const close = (): void => showDialog(context, undefined);
  if ('to' in step) {
    const { to } = step;
    const digits = apart.get(to.id);
    return (
      <Sheet title={`Forward to ${inert(placeOf(to))}${digits === undefined ? '' : ` ${digits}`}?`} onClose={close}>
        <Forward message={message} to={to} onBack={() => setStep({ before: to.id })} />
      </Sheet>
    );
  }
  return (
    <Sheet title="Forward to" onClose={close} className="modal-browse">
      <Places channels={joined} apart={apart} before={step.before} onChoose={(to) => setStep({ to })} />
    </Sheet>
  );
}

interface PlacesProps {
  readonly channels: readonly ChannelView[];
  readonly apart: ReturnType<typeof tellApart>;
  /** The one that was chosen before: the keyboard goes on from there. */
  readonly before: string | undefined;
  readonly onChoose: (channel: ChannelView) => void;
}

function Places({ channels, apart, before, onChoose }: PlacesProps): ReactNode {
  const here = useFocusHere<HTMLButtonElement>();
  return (
    <ul className="forward-list">
      {channels.map((channel) => (
        <li key={channel.id}>
          <button ref={channel.id === before ? here : null} type="button" className="forward-row" onClick={() => onChoose(channel)}>
            <ChannelIcon kind={channel.kind} />
            <bdi>{inert(channel.name)}</bdi>
            {apart.has(channel.id) && <span className="name-digits">{apart.get(channel.id)}</span>}
          </button>
        </li>
      ))}
    </ul>
  );
}

const READERS: Readonly<Record<NonNullable<ChannelView['kind']>, string>> = {
  public: 'The channel is public: whoever joins it, and every node on the way, can read this.',
  closed: 'The members of this closed channel can read this.',
  direct: 'They alone can read this.',
};

/** What goes where, and who reads it there, before it goes. */
function Forward({ message, to, onBack }: { message: MessageView; to: ChannelView; onBack: () => void }): ReactNode {
  const context = useApp();
  const here = useFocusHere<HTMLButtonElement>();
  const text = forwarded(message);
  const forward = (): void => {
    showDialog(context, undefined);
    openChannel(to.id);
    void send(context, to.id, text);
  };
  return (
    <>
      <blockquote className="details-text">
        <MessageText text={text} />
      </blockquote>
      <p className="details-words">
        {READERS[to.kind ?? 'public']}
        {message.attachments && ' What is attached to the message stays behind.'}
      </p>
      <div className="button-row">
        <button type="button" className="button" onClick={onBack}>
          Choose another
        </button>
        <button ref={here} type="button" className="button button-primary" onClick={forward}>
          Forward
        </button>
      </div>
    </>
  );
}
