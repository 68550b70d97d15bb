import type { ReactNode, RefObject } from 'react';
import { Dialog, Heading, Popover } from 'react-aria-components';
import { useFocusBack } from './focus.ts';

interface PopupProps {
  readonly trigger: RefObject<HTMLElement | null>;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** The title is for those who listen alone. */
  readonly bare?: boolean;
}

/** A small dialog beside what opened it. Loaded when it is first needed, as everything of the component library. */
export default function Popup({ trigger, title, onClose, children, className = '', bare = false }: PopupProps): ReactNode {
  useFocusBack();
  return (
    <Popover className={`popover ${className}`} triggerRef={trigger} isOpen onOpenChange={(open) => open || onClose()} placement="top end">
      <Dialog className="popover-dialog" {...(bare && { 'aria-label': title })}>
        {!bare && (
          <Heading slot="title" className="popover-title">
            {title}
          </Heading>
        )}
        {children}
      </Dialog>
    </Popover>
  );
}
