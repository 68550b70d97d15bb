import { X } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';
import { Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { useFocusBack } from './focus.ts';
import { IconButton } from './IconButton.tsx';

interface SheetProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
  /** The title is for those who listen alone. */
  readonly bare?: boolean;
}

/** A dialog in front of everything: in the middle of a wide screen, from below on a phone. */
export function Sheet({ title, onClose, children, className = '', bare = false }: SheetProps): ReactNode {
  useFocusBack();
  useEffect(() => {
    // The library hears keys in the dialog alone; a button that is not to be pressed any more loses the focus.
    const listener = ({ key }: KeyboardEvent): void => {
      if (key === 'Escape' && document.activeElement === document.body) onClose();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  });
  return (
    <ModalOverlay className="overlay" isOpen isDismissable onOpenChange={(open) => open || onClose()}>
      <Modal className={`modal ${className}`}>
        <Dialog className="dialog" {...(bare && { 'aria-label': title })}>
          {!bare && (
            <header className="dialog-head">
              <Heading slot="title">{title}</Heading>
              <IconButton icon={X} label="Close" onClick={onClose} />
            </header>
          )}
          {children}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
