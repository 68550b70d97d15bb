import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { CHROMIUM_FLAGS, ensureChromium } from '../../../../scripts/lib/chromium.mjs';

const COMMAND = fileURLToPath(new URL('../../../cli/bin/parley.js', import.meta.url));
export const VIEWPORT = { width: 1280, height: 800 };

/** A server of the product with the built app, on loopback. */
export async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'parley-measure-'));
  const args = ['server', '--data', data, '--name', 'hub', '--tls', '127.0.0.1:0', '--http', '127.0.0.1:0', '--json'];
  const child = spawn(process.execPath, [COMMAND, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return {
    /** @type {string} */
    url: JSON.parse(line).http,
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A browser with a new profile on disk: what is stored in it is stored as for everybody, not in memory as in a private window. */
export async function newBrowser() {
  const executablePath = await ensureChromium();
  if (executablePath === undefined) throw new Error('nothing can be measured without Chromium');
  const profile = mkdtempSync(join(tmpdir(), 'parley-measure-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args: CHROMIUM_FLAGS, viewport: VIEWPORT });
  context.setDefaultTimeout(60_000);
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    page,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/**
 * Processor time that the page's own thread has used, in milliseconds: on a machine that does other things too it says more than a clock on the
 * wall.
 */
export async function threadTime(/** @type {import('playwright').Page} */ page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN) * 1000;
  };
}

export const round = (/** @type {number} */ value) => Math.round(value * 10) / 10;

/** The value below which so many of a hundred lie. */
export function percentile(/** @type {number[]} */ values, /** @type {number} */ percent) {
  const sorted = values.toSorted((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN);
}

/** One figure, as a line of JSON. `goal`: what its median is to stay under. */
export function print(/** @type {string} */ measure, /** @type {number[]} */ values, /** @type {number | undefined} */ goal, more = {}) {
  const figures = {
    best: round(Math.min(...values)),
    median: percentile(values, 50),
    p95: percentile(values, 95),
    worst: round(Math.max(...values)),
  };
  console.log(JSON.stringify({ measure, unit: 'ms', n: values.length, ...figures, ...(goal === undefined ? {} : { goal }), ...more }));
}
