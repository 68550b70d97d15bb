// Looks at the app over the made-up node: serves its build with the policy of the product, takes a picture of each view into
// `.cache/web-look`, and runs axe on it. Usage: node packages/web/dev/look.mjs [--only NAME] [--chromium PATH]
import { createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { GATES } from './look-gates.mjs';
import { PEOPLE } from './look-people.mjs';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string' },
    looks: { type: 'string', default: 'wide-light,wide-dark,phone-light,phone-dark' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url));
const files = join(cache, 'web-fixture');
const pictures = join(cache, 'web-look');
mkdirSync(pictures, { recursive: true });

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self' ws: wss:; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** @type {Record<string, string>} */
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
};

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  const file = join(files, pathname === '/' ? 'index.html' : pathname);
  if (!file.startsWith(files) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': POLICY });
  createReadStream(file).pipe(response);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const address = server.address();
const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const garden = async (/** @type {import('playwright').Page} */ page) => {
  await page.locator('.channel').filter({ hasText: 'garden' }).click();
  await page.locator('.message').first().waitFor();
};

/** @type {import('./look-people.mjs').View[]} */
const VIEWS = [
  ...GATES,
  { name: 'home' },
  { name: 'empty', path: '/?empty' },
  { name: 'channel', does: garden },
  {
    name: 'channel-up',
    does: async (page) => {
      await garden(page);
      await page.locator('.messages').focus();
      for (let times = 0; times < 3; times += 1) {
        await page.keyboard.press('Home');
        await page.waitForTimeout(400);
      }
    },
  },
  {
    name: 'reply',
    does: async (page) => {
      await garden(page);
      const message = page.locator('.message').filter({ hasText: 'Then twenty it is' });
      await message.hover();
      await message.getByRole('button', { name: 'Reply' }).click();
      await page.locator('textarea').fill('Two lines,\nand a draft');
    },
  },
  {
    name: 'delivery',
    does: async (page) => {
      await garden(page);
      await page.locator('.delivery-failed').click();
      await page.locator('.popover').waitFor();
    },
  },
  {
    name: 'emoji',
    does: async (page) => {
      await garden(page);
      await page.getByRole('button', { name: 'Emoji' }).click();
      await page.locator('.emoji-grid button').first().waitFor();
    },
  },
  {
    name: 'menu',
    does: async (page) => {
      await garden(page);
      await page.locator('.main-head').getByRole('button', { name: 'More' }).click();
      await page.locator('.menu').waitFor();
    },
  },
  {
    name: 'forward',
    does: async (page) => {
      await garden(page);
      const message = page.locator('.message').filter({ hasText: 'dry spring' }).first();
      await message.hover();
      await message.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Forward' }).click();
      await page.locator('.forward-row').first().click();
      await page.getByRole('button', { name: 'Forward', exact: true }).waitFor();
    },
  },
  {
    name: 'members',
    does: async (page) => {
      await garden(page);
      await page.getByRole('button', { name: 'Show members' }).click();
    },
  },
  {
    name: 'details',
    does: async (page) => {
      await garden(page);
      const message = page.locator('.message').filter({ hasText: 'dry spring' }).first();
      await message.hover();
      await message.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Details' }).click();
    },
  },
  {
    name: 'unread',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'announcements' }).click();
      await page.locator('.message').first().waitFor();
    },
  },
  {
    name: 'person',
    does: async (page) => {
      await garden(page);
      await page.locator('.name-button').filter({ hasText: 'Ben' }).first().click();
      await page.locator('.safety-digits').waitFor();
    },
  },
  ...PEOPLE,
  {
    name: 'switcher',
    does: async (page) => {
      await garden(page);
      await page.keyboard.press('Control+k');
      await page.locator('.switcher-input').fill('an');
    },
  },
  {
    name: 'help',
    does: async (page) => {
      await garden(page);
      await page.keyboard.press('Control+/');
      await page.locator('.shortcuts').waitFor();
    },
  },
  {
    name: 'browse',
    does: async (page) => {
      await page.getByRole('button', { name: 'Find a channel' }).first().click();
      await page.locator('.browse-row').first().waitFor();
    },
  },
  {
    name: 'create',
    does: async (page) => {
      await page.getByRole('button', { name: 'Create a channel' }).first().click();
      await page.locator('.dialog input').first().waitFor();
    },
  },
  {
    name: 'search',
    does: async (page) => {
      await page.getByRole('button', { name: 'Search messages' }).click();
      await page.locator('.search-box input').fill('tools');
      await page.locator('.result').first().waitFor();
    },
  },
  {
    name: 'network',
    does: async (page) => {
      await page.getByRole('button', { name: 'Network', exact: true }).click();
      await page.locator('.network-rows li').first().waitFor();
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'settings',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.locator('.setting').first().waitFor();
    },
  },
  {
    name: 'settings-circuits',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByText('Circuits: hide with whom you talk').scrollIntoViewIfNeeded();
      await page.getByText('Lookups', { exact: true }).waitFor();
      await page.locator('.settings').evaluate((element) => element.scrollBy(0, 300));
    },
  },
  {
    name: 'settings-end',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.locator('.setting').last().waitFor();
      await page.locator('.setting').nth(4).scrollIntoViewIfNeeded();
      await page.locator('.settings').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    },
  },
  { name: 'offline', path: '/?offline&skew', does: garden },
  {
    name: 'full',
    path: '/?full&liar',
    does: async (page) => {
      await garden(page);
      await page.locator('textarea').fill('There is no room for this');
      await page.locator('textarea').press('Enter');
      await page.locator('.banner').filter({ hasText: 'storage of this browser' }).waitFor();
    },
  },
];

const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const browser = await chromium.launch({ executablePath: args.chromium, args: ['--no-sandbox', '--disable-gpu', '--disable-quic'] });
let faults = 0;
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
    if (!args.looks.split(',').includes(`${size}-${colorScheme}`)) continue;
    for (const { name, path = '/', does } of VIEWS) {
      if (args.only !== undefined && !args.only.split(',').includes(name)) continue;
      const phone = size === 'phone';
      const context = await browser.newContext({
        viewport,
        colorScheme,
        reducedMotion: 'reduce',
        serviceWorkers: 'block',
        isMobile: phone,
        hasTouch: phone,
      });
      const page = await context.newPage();
      const tell = (/** @type {string} */ text) => {
        faults += 1;
        console.log(`${name} ${size} ${colorScheme}: ${text}`);
      };
      page.on('console', (message) => message.type() === 'error' && tell(message.text()));
      page.on('pageerror', (error) => tell(`${error.message}\n${error.stack}`));
      page.setDefaultTimeout(8000);
      try {
        await page.goto(origin + path);
        await page.locator('#root > *').first().waitFor();
        await does?.(page);
        // On a phone, a dialog that one writes in waits for a keyboard, which does not come here.
        await page.waitForTimeout(phone ? 900 : 350);
        await page.screenshot({ path: join(pictures, `${name}-${size}-${colorScheme}.png`) });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        if (wide) tell('it is wider than the window');
        await page.evaluate(axe);
        const result = await page.evaluate('axe.run()');
        for (const violation of /** @type {import('axe-core').AxeResults} */ (result).violations) {
          const [first] = violation.nodes;
          tell(
            `axe ${violation.id} (${violation.nodes.length}): ${violation.help}\n    ${first?.html.slice(0, 200)}\n    ${first?.failureSummary?.replaceAll('\n', ' ').slice(0, 300)}`,
          );
        }
      } catch (error) {
        tell(error instanceof Error ? error.message : String(error));
      }
      await context.close();
    }
  }
}
await browser.close();
server.close();
console.log(`${faults} faults; pictures in ${pictures}`);
process.exitCode = faults === 0 ? 0 : 1;
