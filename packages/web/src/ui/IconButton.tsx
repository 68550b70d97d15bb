import type { LucideIcon } from 'lucide-react';
import { type ComponentProps, type ReactNode, useState } from 'react';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children' | 'type' | 'onBlur' | 'onKeyDown' | 'onKeyUp'> {
  readonly icon: LucideIcon;
  readonly label: string;
  /** A few keys that do the same. */
  readonly keys?: string;
}

/** The keys by which one walks from button to button. */
const WALKS = /^(Tab|Arrow\w+)$/;

/** A button that shows a picture, and says its name to those who hover, focus or listen. The style sheet draws `data-tip`. */
export function IconButton({ icon: Icon, label, className = '', keys, onClick, ...props }: IconButtonProps): ReactNode {
  // Beside what the pointer does: `asked` by whoever walked here by key, `done` with as soon as it was pressed. A button that is only given the
  // focus back, by a dialog that closes, would tell its name until the focus goes elsewhere: browsers take it for one that was walked to.
  const [tip, setTip] = useState<'asked' | 'done'>();
  const pointed = (): void => setTip((now) => (now === 'done' ? undefined : now));
  return (
    <button
      {...props}
      type="button"
      aria-label={label}
      data-tip={keys === undefined ? label : `${label} (${keys})`}
      data-tip-is={tip}
      className={`icon-button ${className}`}
      onPointerEnter={pointed}
      onPointerLeave={pointed}
      onKeyUp={({ key }) => WALKS.test(key) && setTip('asked')}
      onKeyDown={({ key }) => key === 'Escape' && setTip('done')}
      onBlur={() => setTip((now) => (now === 'asked' ? undefined : now))}
      onClick={(event) => {
        setTip('done');
        onClick?.(event);
      }}
    >
      <Icon aria-hidden="true" />
    </button>
  );
}
