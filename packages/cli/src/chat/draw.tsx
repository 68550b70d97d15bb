import { EventEmitter } from 'node:events';
import { render } from 'ink';
import { ChatApp, type ChatStore } from './app.tsx';
import { frame } from './frame.ts';
import type { Painting } from './paint.ts';

/**
 * Where Ink writes its frames. In its debug mode it hands over each as a whole, and we paint what changed at its place: Ink's own way
 * moves relative to where it thinks the cursor is, and clears the screen and what was scrolled away whenever a frame fills it.
 */
class Frames extends EventEmitter {
  readonly isTTY = false;
  readonly #store: ChatStore;
  readonly #show: (painting: Painting) => void;

  constructor(store: ChatStore, show: (painting: Painting) => void) {
    super();
    this.#store = store;
    this.#show = show;
  }

  get columns(): number {
    return this.#store.state.size.columns;
  }

  get rows(): number {
    return this.#store.state.size.rows;
  }

  readonly write = (text: string): boolean => {
    const { state } = this.#store;
    const { cursor, geometry } = frame(state);
    const lines = text.split('\n').slice(0, state.size.rows);
    this.#show({ lines, cursor, side: geometry.side });
    return true;
  };
}

/** Draws the chat, and again whenever it changes. Returns what ends that. */
export function drawChat(store: ChatStore, screen: { show(painting: Painting): void }): () => void {
  const frames = new Frames(store, (painting) => screen.show(painting));
  // Ink asks for a terminal's stream and uses what is here.
  const stdout = frames as unknown as NodeJS.WriteStream;
  const ink = render(<ChatApp store={store} />, { stdout, debug: true, exitOnCtrlC: false, patchConsole: false });
  return () => {
    ink.unmount();
    ink.cleanup();
  };
}
