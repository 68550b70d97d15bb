import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTool } from '../../../../scripts/lib/tools.mjs';
import { newBrowser, print, round, threadTime } from './lab.mjs';

const WEB = fileURLToPath(new URL('../..', import.meta.url));
const FILES = fileURLToPath(new URL('../../../../.cache/web-fixture', import.meta.url));
const MESSAGES = 10_000;
/** A frame at 60 a second, and what a timer may add to it. */
const GOAL_MS = 17.5;
/** @type {Record<string, string>} */
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** The app over its made-up node. */
async function serveFixture() {
  const code = await runTool('vite', ['build', WEB, '--config', join(WEB, 'vite.config.ts'), '--mode', 'fixture', '--logLevel', 'warn'], {
    stdout: 'stderr',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (code !== 0) throw new Error('the app could not be built over its made-up node');
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = join(FILES, pathname === '/' ? 'index.html' : pathname);
    if (!file.startsWith(FILES) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`, stop: () => server.close() };
}

/**
 * Notes every frame, every task over 50 ms, and how long each key waits until it has been dealt with. (When its frame is on the screen, a browser
 * that has none does not say truly.)
 */
function watch() {
  const noted = { frames: /** @type {number[]} */ ([]), tasks: /** @type {number[]} */ ([]), keys: /** @type {number[]} */ ([]) };
  let last = 0;
  const frame = (/** @type {number} */ at) => {
    if (last > 0) noted.frames.push(at - last);
    last = at;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => noted.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    const timings = /** @type {PerformanceEventTiming[]} */ (list.getEntries());
    for (const { name, startTime, processingEnd } of timings) if (name === 'keydown') noted.keys.push(processingEnd - startTime);
    // @ts-expect-error: not among the options that the types know
  }).observe({ type: 'event', durationThreshold: 16 });
  Object.assign(globalThis, {
    take: () => {
      const taken = { ...noted };
      Object.assign(noted, { frames: [], tasks: [], keys: [] });
      return taken;
    },
  });
}

/** Takes what was noted while something was done. */
async function during(/** @type {import('playwright').Page} */ page, /** @type {() => Promise<void>} */ work) {
  const used = await threadTime(page);
  await page.evaluate(() => Reflect.get(globalThis, 'take')());
  const before = await used();
  await work();
  const cpu = (await used()) - before;
  const noted = /** @type {{ frames: number[], tasks: number[], keys: number[] }} */ (
    await page.evaluate(() => Reflect.get(globalThis, 'take')())
  );
  return { ...noted, cpu };
}

function report(/** @type {string} */ what, /** @type {Awaited<ReturnType<typeof during>>} */ { frames, tasks, keys, cpu }) {
  const seconds = frames.reduce((sum, ms) => sum + ms, 0) / 1000;
  const late = frames.filter((ms) => ms > 25).length;
  print(what, frames, GOAL_MS, {
    per_second: Math.round((frames.length / seconds) * 10) / 10,
    late_percent: Math.round((late / frames.length) * 1000) / 10,
    long_tasks: tasks.length,
    page_cpu_a_frame: round(cpu / frames.length),
    ...(keys.length > 0 && { keys_over_16: keys.filter((ms) => ms > 16).length, slowest_key: round(Math.max(...keys)) }),
  });
}

/** Typing and scrolling in a channel with 10,000 messages, all of them loaded. */
export async function measureFrames() {
  const fixture = await serveFixture();
  const { page, close } = await newBrowser();
  try {
    await page.addInitScript(watch);
    await page.goto(`${fixture.url}/?messages=${MESSAGES}`);
    report('frames of an idle page', await during(page, () => page.waitForTimeout(2000)));
    await page.locator('.channel').filter({ hasText: 'garden' }).first().click();
    const list = page.locator('.messages');
    await page.locator('.message').first().waitFor();
    await list.hover();
    const wheel = async (/** @type {number} */ step, /** @type {number} */ times) => {
      for (let count = 0; count < times; count += 1) {
        await page.mouse.wheel(0, step);
        await page.waitForTimeout(16);
      }
    };
    report('frames of scrolling back while history loads', await during(page, () => wheel(-240, 200)));
    // To the very beginning, as fast as it goes.
    while ((await page.locator('.start').count()) === 0) {
      await list.evaluate((element) => {
        element.scrollTop = 0;
      });
      await page.mouse.wheel(0, -10);
      await page.waitForTimeout(30);
    }
    report('frames of scrolling through all 10,000', await during(page, () => wheel(240, 200)));
    await page.getByRole('button', { name: 'Latest messages' }).click();
    await page.waitForTimeout(1000);
    const box = page.locator('textarea');
    await box.click();
    const words = 'What one writes while ten thousand messages are loaded above it. '.repeat(3);
    report('frames of typing below 10,000', await during(page, () => box.pressSequentially(words, { delay: 25 })));
    const talk = async () => {
      for (let number = 0; number < 60; number += 1) {
        await page.evaluate((text) => Reflect.get(globalThis, 'fixture').say(text), `somebody says ${number}`);
        await page.keyboard.type('a', { delay: 10 });
        await page.waitForTimeout(40);
      }
    };
    report('frames of typing while others talk', await during(page, talk));
  } finally {
    await close();
    fixture.stop();
  }
}
