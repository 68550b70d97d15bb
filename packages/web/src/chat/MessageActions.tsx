import type { MessageView } from '@parley/core';
import { MoreHorizontal, Reply, SmilePlus } from 'lucide-react';
import { type ReactNode, useRef, useState } from 'react';
import { useApp, useSelect } from '../app/hooks.ts';
import { replyTo } from '../state/actions.ts';
import { react } from '../state/acts.ts';
import { mayActOn } from '../state/rights.ts';
import { IconButton } from '../ui/IconButton.tsx';
import { part } from '../ui/part.tsx';

const EmojiPopup = part(() => import('./EmojiPopup.tsx'));
const MessageMenu = part(() => import('./MessageMenu.tsx'));

/** What can be done with a message: the most usual at once, the rest in a menu. */
export function MessageActions({ message }: { message: MessageView }): ReactNode {
  const context = useApp();
  const may = useSelect(({ channels }) =>
    mayActOn(
      channels?.find(({ id }) => id === message.channel_id),
      message,
    ),
  );
  const [open, setOpen] = useState<'emoji' | 'menu'>();
  const smile = useRef<HTMLButtonElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const close = (): void => setOpen(undefined);
  return (
    <div className={`message-actions ${open ? 'message-actions-open' : ''}`}>
      {may && (
        <>
          <IconButton
            ref={smile}
            icon={SmilePlus}
            label="React"
            aria-haspopup="dialog"
            aria-expanded={open === 'emoji'}
            onClick={() => setOpen('emoji')}
          />
          <IconButton icon={Reply} label="Reply" keys="R" onClick={() => replyTo(context, message.channel_id, message)} />
        </>
      )}
      <IconButton
        ref={more}
        icon={MoreHorizontal}
        label="More"
        aria-haspopup="menu"
        aria-expanded={open === 'menu'}
        onClick={() => setOpen('menu')}
      />
      {open === 'emoji' && (
        <EmojiPopup
          trigger={smile}
          title="React"
          onClose={close}
          onPick={(emoji) => {
            close();
            void react(context, message, emoji);
          }}
        />
      )}
      {open === 'menu' && <MessageMenu message={message} trigger={more} onClose={close} />}
    </div>
  );
}
