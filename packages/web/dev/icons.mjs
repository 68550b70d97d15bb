// Draws the icons of the installed app from `public/icon.svg`. Run it when that changes: node packages/web/dev/icons.mjs [--chromium PATH]
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';

const { values: args } = parseArgs({ options: { chromium: { type: 'string', default: '/usr/bin/chromium' } } });
const folder = new URL('../public/', import.meta.url);
const svg = readFileSync(new URL('icon.svg', folder), 'utf8');
// Systems cut a maskable icon to their own shape: its ground reaches to the edges, and what matters stays in the middle.
const maskable = svg
  .replace('rx="15"', '')
  .replace('<path', '<g transform="translate(9.6 9.6) scale(0.7)"><path')
  .replace('</svg>', '</g></svg>');
const ICONS = [
  { name: 'icon-180.png', size: 180, picture: svg.replace('rx="15"', '') },
  { name: 'icon-192.png', size: 192, picture: svg },
  { name: 'icon-512.png', size: 512, picture: svg },
  { name: 'icon-maskable-512.png', size: 512, picture: maskable },
];

const browser = await chromium.launch({ executablePath: args.chromium, args: ['--no-sandbox', '--disable-gpu'] });
for (const { name, size, picture } of ICONS) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${picture}`);
  await page.screenshot({ path: fileURLToPath(new URL(name, folder)), omitBackground: true });
  await page.close();
}
await browser.close();
