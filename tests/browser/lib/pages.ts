import { afterEach } from 'vitest';
import { realTime } from '../../contract/lib/time.ts';
import type { TabWindow } from '../pages/tab.ts';
import { TAB_PAGE } from '../setup/paths.ts';
import { NOWHERE } from './parley.ts';

/** A tab of its own: its locks, channels and databases go when it does, as with a tab that crashes. */
export interface Page {
  readonly window: TabWindow;
  /** Ends it without warning. */
  kill(): void;
}

const frames: HTMLIFrameElement[] = [];

export async function openPage(name: string, location = NOWHERE): Promise<Page> {
  const frame = document.createElement('iframe');
  const query = new URLSearchParams({ name, server: location.host });
  frame.src = `${TAB_PAGE}?${query}`;
  document.body.append(frame);
  frames.push(frame);
  await realTime.waitFor(() => (frame.contentWindow as TabWindow | null)?.parley !== undefined, 'the page has loaded');
  return { window: frame.contentWindow as TabWindow, kill: () => frame.remove() };
}

afterEach(() => {
  for (const frame of frames.splice(0)) frame.remove();
});
