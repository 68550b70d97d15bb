import { newBrowser, print } from './lab.mjs';

const GOAL_MS = 20;
/** Messages before those that count: code that is used for the first time is slow. */
const WARM = 15;

/** Notes when each text appears, by a clock that all pages of a machine share. Nothing polls: that would make frames which nobody wants. */
function watch() {
  /** @type {Record<string, number>} */
  const shown = {};
  /** @type {Record<string, PromiseWithResolvers<{ on: number, off: number }>>} */
  const times = {};
  const timesOf = (/** @type {string} */ text) => {
    times[text] ??= Promise.withResolvers();
    return times[text];
  };
  const seen = (/** @type {string} */ text) => timesOf(text).promise;
  Object.assign(globalThis, { seen });
  const now = () => performance.timeOrigin + performance.now();
  const look = () => {
    const texts = document.querySelectorAll('.message:not(.message-outgoing) .text');
    const text = texts[texts.length - 1]?.textContent ?? '';
    if (text === '' || shown[text] !== undefined) return;
    const on = now();
    shown[text] = on;
    requestAnimationFrame(() => setTimeout(() => timesOf(text).resolve({ on, off: now() })));
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
}

async function person(/** @type {string} */ url, /** @type {string} */ name) {
  const browser = await newBrowser();
  const { page } = browser;
  await page.addInitScript(watch);
  await page.goto(url);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.locator('.self-name').waitFor();
  return browser;
}

/** Two people in one channel over one server: from the click on "Send" of one to the text on the other's screen, in turns. */
export async function measureChat(/** @type {string} */ url, /** @type {number} */ messages, where = '') {
  const [ada, bob] = [await person(url, 'Ada'), await person(url, 'Bob')];
  await ada.page.getByRole('button', { name: 'Create a channel' }).first().click();
  await ada.page.getByRole('dialog').getByLabel('Name').fill('garden');
  await ada.page.getByRole('button', { name: 'Create', exact: true }).click();
  await bob.page.getByRole('button', { name: 'Find a channel' }).first().click();
  await bob.page.getByRole('button', { name: 'Join garden', exact: true }).click();
  for (const { page } of [ada, bob]) {
    await page.locator('textarea').waitFor();
    await page.locator('.subtitle').filter({ hasText: '2 members' }).waitFor();
  }
  /** @type {number[]} */
  const shown = [];
  /** @type {number[]} */
  const drawn = [];
  for (let number = 0; number < WARM + messages; number += 1) {
    const [from, to] = number % 2 === 0 ? [ada.page, bob.page] : [bob.page, ada.page];
    const text = `message ${number}`;
    await from.locator('textarea').fill(text);
    await from.waitForTimeout(120);
    /** @type {Promise<{ on: number, off: number }>} */
    const seen = to.evaluate((key) => Reflect.get(globalThis, 'seen')(key), text);
    const sent = await from.evaluate(() => {
      const at = performance.timeOrigin + performance.now();
      /** @type {HTMLElement | null} */ (document.querySelector('.composer-send'))?.click();
      return at;
    });
    const { on, off } = await seen;
    if (number < WARM) continue;
    shown.push(on - sent);
    drawn.push(off - sent);
  }
  await ada.close();
  await bob.close();
  print(`a message from tab to tab${where}, until it is in the page`, shown, GOAL_MS);
  print(`a message from tab to tab${where}, until its frame is made`, drawn, undefined);
}
