import type { MessageView } from '@parley/core';
import { Copy, Forward, Info, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import type { ReactNode, RefObject } from 'react';
import { MenuItem, Separator } from 'react-aria-components';
import { useApp, useSelect } from '../app/hooks.ts';
import { openPanel, showDialog } from '../state/actions.ts';
import { pin, startEditing } from '../state/acts.ts';
import { attempt, notify } from '../state/context.ts';
import { mayActOn, mayEdit, mayModerate, mayPin } from '../state/rights.ts';
import { PopupMenu } from '../ui/PopupMenu.tsx';

interface MessageMenuProps {
  readonly message: MessageView;
  readonly trigger: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

interface Item {
  readonly id: string;
  readonly label: string;
  readonly icon: typeof Info;
  readonly run: () => void;
  readonly danger?: boolean;
}

/** Everything that can be done with a message. Its own chunk, with the menu of the component library. */
export default function MessageMenu({ message, trigger, onClose }: MessageMenuProps): ReactNode {
  const context = useApp();
  const channel = useSelect(({ channels }) => channels?.find(({ id }) => id === message.channel_id));
  const self = useSelect(({ status }) => status);
  const { channel_id: channelId, text, deleted } = message;
  const there = deleted === undefined;
  const copy = (): void =>
    void attempt(context, async () => {
      await navigator.clipboard.writeText(text);
      notify(context, 'info', 'The text is on the clipboard.');
    });
  const items: readonly (Item | false)[] = [
    mayEdit(channel, message) && { id: 'edit', label: 'Edit', icon: Pencil, run: () => startEditing(context, channelId, message) },
    there && text !== '' && { id: 'copy', label: 'Copy text', icon: Copy, run: copy },
    there &&
      text !== '' && { id: 'forward', label: 'Forward…', icon: Forward, run: () => showDialog(context, { kind: 'forward', message }) },
    mayActOn(channel, message) &&
      mayPin(channel, self) && {
        id: 'pin',
        label: message.pinned ? 'Unpin' : 'Pin',
        icon: message.pinned ? PinOff : Pin,
        run: () => void pin(context, message),
      },
    { id: 'details', label: 'Details', icon: Info, run: () => openPanel(context, { kind: 'message', cursor: message.cursor }) },
    (mayEdit(channel, message) || (mayActOn(channel, message) && mayModerate(channel, self))) && {
      id: 'delete',
      label: 'Delete…',
      icon: Trash2,
      danger: true,
      run: () => showDialog(context, { kind: 'delete', message }),
    },
  ];
  const shown = items.filter((item): item is Item => item !== false);
  return (
    <PopupMenu label="Message" trigger={trigger} onAction={(key) => shown.find(({ id }) => id === key)?.run()} onClose={onClose}>
      {shown.flatMap(({ id, label, icon: Icon, danger }) => [
        ...(danger ? [<Separator key={`before ${id}`} className="menu-line" />] : []),
        <MenuItem key={id} id={id} textValue={label} className={danger ? 'menu-item menu-danger' : 'menu-item'}>
          <Icon aria-hidden="true" />
          <span>{label}</span>
        </MenuItem>,
      ])}
    </PopupMenu>
  );
}
