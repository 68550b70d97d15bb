import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp } from '../app/hooks.ts';
import { DRAFTS_KEY } from '../state/keep.ts';

const SAVE_MS = 300;

/**
 * What is written in a channel and not sent yet. Windows of one browser share it: what one writes or sends stands in the others too, unless
 * something else was written there.
 */
export function useDraft(channelId: string): { readonly text: string; readonly setText: (text: string) => void } {
  const { keep } = useApp();
  const [text, setText] = useState(() => keep.draft(channelId));
  const written = useRef(text);
  const kept = useRef(text);

  const save = useCallback((): void => {
    // Where nothing was written, there may be something newer of another window.
    if (kept.current === written.current) return;
    kept.current = written.current;
    keep.setDraft(channelId, written.current);
  }, [keep, channelId]);

  useEffect(() => {
    written.current = text;
    const timer = setTimeout(save, SAVE_MS);
    // Whoever leaves sooner than that leaves the draft too.
    addEventListener('pagehide', save);
    return () => {
      clearTimeout(timer);
      removeEventListener('pagehide', save);
    };
  }, [save, text]);
  useEffect(() => save, [save]);

  useEffect(() => {
    const heard = ({ key }: StorageEvent): void => {
      if (key !== DRAFTS_KEY || kept.current !== written.current) return;
      kept.current = keep.draft(channelId);
      setText(kept.current);
    };
    addEventListener('storage', heard);
    return () => removeEventListener('storage', heard);
  }, [keep, channelId]);

  return { text, setText };
}
