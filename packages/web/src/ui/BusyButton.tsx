import { type ButtonHTMLAttributes, type ReactNode, useState } from 'react';

interface BusyButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'aria-disabled' | 'onBlur' | 'type'> {
  readonly type: 'button' | 'submit';
  readonly busy: boolean;
}

/**
 * A button for what takes a while. Whoever pressed it is still at it with the keyboard meanwhile and afterwards, though it does nothing then: were it disabled
 * at that moment, the focus would be nowhere.
 */
export function BusyButton({ busy, type, disabled = false, onClick, ...others }: BusyButtonProps): ReactNode {
  const [pressed, setPressed] = useState(false);
  return (
    <button
      {...others}
      type={type}
      disabled={disabled && !busy && !pressed}
      aria-disabled={busy || disabled}
      onBlur={() => setPressed(false)}
      onClick={(event) => {
        setPressed(true);
        // Of a form it would submit it.
        if (busy || disabled) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}
