import { useEffect } from 'react';
import { go, openPanel, showDialog, stepChannel } from '../state/actions.ts';
import type { Context } from '../state/context.ts';
import { useApp } from './hooks.ts';

/** Ctrl, and on a Mac Cmd. */
export const MOD = /Mac|iP(?:hone|ad)/.test(navigator.platform) ? '⌘' : 'Ctrl';

/** What the help lists. The keys themselves are in `onKey`, in the list of messages, and in the composer. */
export const SHORTCUTS: readonly { readonly keys: string; readonly does: string }[] = [
  { keys: `${MOD} K`, does: 'Go to a channel, a person or an action' },
  { keys: 'Alt ↑ / Alt ↓', does: 'Previous or next channel' },
  { keys: 'Alt Shift ↑ / ↓', does: 'Previous or next channel with unread messages' },
  { keys: `${MOD} Shift F`, does: 'Search messages' },
  { keys: `${MOD} ,`, does: 'Settings' },
  { keys: `${MOD} /`, does: 'This list' },
  { keys: 'Enter', does: 'Send' },
  { keys: 'Shift Enter', does: 'New line' },
  { keys: 'Esc', does: 'Close what is open; in the composer: do not reply' },
  { keys: '↑ / ↓', does: 'In the messages: one message up or down' },
  { keys: 'R', does: 'On a message: reply' },
  { keys: 'D', does: 'On a message: details and the way it took' },
  { keys: 'End', does: 'In the messages: to the latest' },
];

export function useShortcuts(): void {
  const context = useApp();
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => {
      if (!event.isComposing && onKey(context, event)) event.preventDefault();
    };
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, [context]);
}

/** Whether the key was one of ours. */
function onKey(context: Context, event: KeyboardEvent): boolean {
  const { dialog, route } = context.store.get();
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.toLowerCase();
  if (mod && !event.altKey) {
    if (key === 'k') showDialog(context, dialog?.kind === 'switcher' ? undefined : { kind: 'switcher' });
    else if (key === '/') showDialog(context, dialog?.kind === 'help' ? undefined : { kind: 'help' });
    else if (key === ',') go({ view: 'settings' });
    else if (key === 'f' && event.shiftKey) go({ view: 'search' });
    else return false;
    return true;
  }
  if (event.altKey && (key === 'arrowup' || key === 'arrowdown')) {
    stepChannel(context, key === 'arrowdown' ? 1 : -1, event.shiftKey);
    return true;
  }
  // Dialogs and popovers close themselves, and keep the key from coming here.
  if (key === 'escape' && !dialog && !event.defaultPrevented) {
    if (route.view === 'channel' && route.panel) openPanel(context, undefined);
    else if (route.view !== 'channel' && route.view !== 'home') history.back();
    else return false;
    return true;
  }
  return false;
}
