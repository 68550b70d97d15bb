import { newBrowser, percentile, print, threadTime } from './lab.mjs';

const GOAL_MS = 1500;
const BEGIN_MS = 500;
const MESSAGES = 20;

/** Runs in the page before anything of it: notes when the name can be typed, by the clock that begins with the navigation. */
function watch() {
  /** @type {Record<string, number>} */
  const times = {};
  Object.assign(globalThis, { measured: times });
  let longUntil = 0;
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) longUntil = startTime + duration;
  }).observe({ type: 'longtask', buffered: true });
  const note = (/** @type {string} */ name, /** @type {string} */ selector) => {
    const look = () => {
      if (times[name] !== undefined || !document.querySelector(selector)) return;
      times[name] = Number.NaN;
      // Drawn, and with nothing else to do that would keep a letter waiting.
      requestAnimationFrame(() =>
        setTimeout(() => {
          times[name] = Math.max(performance.now(), longUntil);
        }),
      );
    };
    new MutationObserver(look).observe(document, { childList: true, subtree: true });
  };
  note('welcome', 'input');
  note('inside', '.self-name');
  note('message', '.message .text');
}

/** First visits, each in a browser that has never seen the app; then the way in; then a visit of somebody who is known. */
export async function measureVisits(/** @type {string} */ url, /** @type {number} */ runs) {
  /** @type {number[]} */
  const first = [];
  /** @type {number[]} */
  const cpu = [];
  /** @type {number[]} */
  const begin = [];
  /** @type {number[]} */
  const again = [];
  /** @type {number[]} */
  const read = [];
  const at = (/** @type {import('playwright').Page} */ page, /** @type {string} */ name) =>
    page.waitForFunction((key) => Reflect.get(globalThis, 'measured')?.[key] || undefined, name).then((handle) => handle.jsonValue());
  for (let run = 0; run < runs; run += 1) {
    const { page, close } = await newBrowser();
    await page.addInitScript(watch);
    const used = await threadTime(page);
    const before = await used();
    await page.goto(url, { waitUntil: 'commit' });
    first.push(await at(page, 'welcome'));
    cpu.push((await used()) - before);
    await page.getByLabel('Your name').fill('Ada');
    // From the click, which the page itself makes, to the app.
    const clicked = await page.evaluate(() => {
      const at = performance.now();
      document.querySelector('button[type=submit]')?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      return at;
    });
    begin.push((await at(page, 'inside')) - clicked);
    await page.getByRole('button', { name: 'Create a channel' }).first().click();
    await page.getByRole('dialog').getByLabel('Name').fill(`garden-${run}`);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    for (let number = 0; number < MESSAGES; number += 1) {
      await page.locator('textarea').fill(`message ${number}`);
      await page.keyboard.press('Enter');
    }
    await page
      .locator('.message .text')
      .nth(MESSAGES - 1)
      .waitFor();
    await page.reload({ waitUntil: 'commit' });
    again.push(await at(page, 'inside'));
    read.push(await at(page, 'message'));
    await close();
  }
  print('first visit, until a name can be typed', first, GOAL_MS, { page_cpu: percentile(cpu, 50) });
  print('from the name to the app', begin, BEGIN_MS);
  print('a later visit, until the app is there', again, GOAL_MS);
  print('a later visit, until messages can be read', read, GOAL_MS);
}
