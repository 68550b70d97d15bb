import type { ReactNode, RefObject } from 'react';
import { useApp } from '../app/hooks.ts';
import Popup from '../ui/Popup.tsx';
import { EmojiPicker } from './EmojiPicker.tsx';

interface EmojiPopupProps {
  readonly trigger: RefObject<HTMLElement | null>;
  readonly title: string;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Emoji beside the button that asks for them. */
export default function EmojiPopup({ trigger, title, onPick, onClose }: EmojiPopupProps): ReactNode {
  const { keep } = useApp();
  return (
    <Popup trigger={trigger} title={title} bare className="popover-emoji" onClose={onClose}>
      <EmojiPicker recent={keep.recentEmoji()} onPick={onPick} />
    </Popup>
  );
}
