import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { BusyButton } from './BusyButton.tsx';

interface QuestionProps {
  /** What will be done, and what cannot be undone of it. */
  readonly children: ReactNode;
  /** The answer that changes nothing. */
  readonly no: string;
  readonly yes: string;
  readonly busy?: boolean;
  readonly onNo: () => void;
  readonly onYes: () => void;
}

/**
 * Asks before something is done, in a dialog that is open already: where the button is that was pressed, which is `hidden` meanwhile, so that it
 * has the keyboard back afterwards. The keyboard begins at the answer that changes nothing.
 */
export function Question({ children, no, yes, busy = false, onNo, onYes }: QuestionProps): ReactNode {
  const id = useId();
  const harmless = useRef<HTMLButtonElement>(null);
  const [pressed] = useState(() => document.activeElement);
  useEffect(() => {
    harmless.current?.focus();
    return () => {
      if (pressed instanceof HTMLElement && pressed.isConnected) pressed.focus();
    };
  }, [pressed]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: nothing is filled in here, as in a fieldset
    <div className="question" role="group" aria-labelledby={id}>
      <div id={id}>{children}</div>
      <div className="button-row">
        <button ref={harmless} type="button" className="button" onClick={onNo}>
          {no}
        </button>
        <BusyButton type="button" className="button button-danger" busy={busy} onClick={onYes}>
          {yes}
        </BusyButton>
      </div>
    </div>
  );
}
