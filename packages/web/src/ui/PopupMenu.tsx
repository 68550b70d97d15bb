import type { ReactNode, RefObject } from 'react';
import { Menu, Popover } from 'react-aria-components';

interface PopupMenuProps {
  readonly label: string;
  readonly trigger: RefObject<HTMLElement | null>;
  /** Given the id of the item that was chosen. */
  readonly onAction: (key: string | number) => void;
  readonly onClose: () => void;
  /** `MenuItem` and `Separator`. */
  readonly children: ReactNode;
}

/** A menu below what opened it. For views that are loaded when they are needed, as everything of the component library. */
export function PopupMenu({ label, trigger, onAction, onClose, children }: PopupMenuProps): ReactNode {
  return (
    <Popover
      className="popover popover-menu"
      triggerRef={trigger}
      isOpen
      onOpenChange={(open) => open || onClose()}
      placement="bottom end"
      aria-label={label}
    >
      <Menu className="menu" onAction={onAction} onClose={onClose} autoFocus="first" aria-label={label}>
        {children}
      </Menu>
    </Popover>
  );
}
