import type { Page } from 'playwright';
import { expect } from 'vitest';

/** Tab stops between any two things of one view. */
const MAX_STOPS = 60;

interface Focus {
  /** What a screen reader would say of it. */
  readonly name: string;
  /** Why nobody can see where the keyboard is; empty where they can. */
  readonly fault: string;
}

/**
 * An outline or a shadow of its own, of its frame, or of the picture that stands for it. Of a dialog that is in front of all else, and of a place to
 * write that is alone in one, it is seen anyway.
 */
const FOCUS = `(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return { name: '', fault: 'lost' };
  const name = at.getAttribute('aria-label') ?? (at.labels?.[0] ?? at).textContent.trim();
  const { left, top, width, height } = at.getBoundingClientRect();
  const isMarked = (element) => {
    const style = element && getComputedStyle(element);
    return style && ((style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none');
  };
  const isSeen = at.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const isInView = width > 0 && height > 0 && left < innerWidth && top < innerHeight && left + width > 0 && top + height > 0;
  const marked = [at, at.nextElementSibling, at.closest('.composer-box')].some(isMarked) || ['combobox', 'dialog'].includes(at.getAttribute('role'));
  return { name, fault: !isSeen ? 'hidden' : !isInView ? 'out of view' : marked ? '' : 'not marked' };
})()`;

/** Somebody who has no mouse, and looks where the focus is. */
export class Keyboard {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  press(key: string): Promise<void> {
    return this.#page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.#page.keyboard.type(text);
  }

  /** Resolves once this has the focus, by itself, and shows it. */
  async isAt(name: string | RegExp): Promise<void> {
    await expect
      .poll(() => this.#focus(), { timeout: 30_000 })
      .toEqual({ name: typeof name === 'string' ? name : expect.stringMatching(name), fault: '' });
  }

  /** Goes from one thing to the next until it is at this one; each of them shows that it has the focus. */
  async tabTo(name: string | RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const passed: string[] = [];
    for (let stop = 0; stop < MAX_STOPS; stop++) {
      await this.press(key);
      // What appears with the focus takes a moment.
      await expect.poll(async () => (await this.#focus()).fault, { message: `after ${passed.at(-1)}`, timeout: 5000 }).toBe('');
      const focus = await this.#focus();
      if (typeof name === 'string' ? focus.name === name : name.test(focus.name)) return;
      passed.push(focus.name);
    }
    expect.fail(`no way by ${key} to ${name}, past ${passed.join(', ')}`);
  }

  #focus(): Promise<Focus> {
    return this.#page.evaluate<Focus>(FOCUS);
  }
}
