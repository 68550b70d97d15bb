import { type RefObject, useEffect, useRef, useState } from 'react';

/** What had the focus before the dialogs that are open: one may be opened by another, which is gone when it closes. */
let opener: HTMLElement | undefined;

function focused(): HTMLElement | undefined {
  const at = document.activeElement;
  return at instanceof HTMLElement && at !== document.body ? at : undefined;
}

/**
 * Of a dialog: where the keyboard goes when it closes. The component library sees to that too, but gives up where a transition is under way
 * as a button is pressed by key, and where what it would go back to is a dialog that has closed before. Then nobody could tell where they are.
 */
export function useFocusBack(): void {
  const [before] = useState(focused);
  useEffect(() => {
    if (before && !before.closest('[role=dialog], [role=menu]')) opener = before;
    return () => {
      requestAnimationFrame(() => {
        if (!focused()) [before, opener].find((element) => element?.isConnected)?.focus();
      });
    };
  }, [before]);
}

/** Of a view that has no place to begin to write: it takes the keyboard that was in what is there no more. */
export function useFocusHere<T extends HTMLElement>(): RefObject<T | null> {
  const here = useRef<T>(null);
  useEffect(() => {
    if (!focused()) here.current?.focus({ preventScroll: true });
  }, []);
  return here;
}
