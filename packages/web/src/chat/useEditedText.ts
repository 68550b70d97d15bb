import type { MessageView } from '@parley/core';
import { useCallback, useReducer } from 'react';

/** What messages that are being edited are to say, as long as somebody does: it is there when the user comes back from elsewhere. */
const texts = new WeakMap<MessageView, string>();

/** What a message that is being edited is to say, apart from the draft of its conversation. */
export function useEditedText(edited: MessageView | undefined): { readonly text: string; readonly setText: (text: string) => void } {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const setText = useCallback(
    (text: string): void => {
      if (edited) texts.set(edited, text);
      redraw();
    },
    [edited],
  );
  return { text: edited ? (texts.get(edited) ?? edited.text) : '', setText };
}
