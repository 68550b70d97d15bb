import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'type'> {
  readonly icon: LucideIcon;
  readonly label: string;
  /** A few keys that do the same. */
  readonly keys?: string;
}

/** A button that shows a picture, and says its name to those who hover, focus or listen. The style sheet draws `data-tip`. */
export function IconButton({ icon: Icon, label, className = '', keys, ...props }: IconButtonProps): ReactNode {
  return (
    <button
      {...props}
      type="button"
      aria-label={label}
      data-tip={keys === undefined ? label : `${label} (${keys})`}
      className={`icon-button ${className}`}
    >
      <Icon aria-hidden="true" />
    </button>
  );
}
