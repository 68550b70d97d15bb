import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, type ButtonProps, Tooltip, TooltipTrigger } from 'react-aria-components';

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'className'> {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly className?: string;
  /** A few keys that do the same. */
  readonly keys?: string;
}

/** A button that shows a picture, and says its name to those who hover, focus or listen. */
export function IconButton({ icon: Icon, label, className = '', keys, ...props }: IconButtonProps): ReactNode {
  return (
    <TooltipTrigger delay={500} closeDelay={50}>
      <Button {...props} aria-label={label} className={`icon-button ${className}`}>
        <Icon aria-hidden="true" />
      </Button>
      <Tooltip className="tooltip" offset={6}>
        {label}
        {keys !== undefined && <kbd>{keys}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}
