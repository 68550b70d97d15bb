import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { objects, parley, type Running, START_MS, start } from './lib/cli.ts';
import { launch, Person } from './lib/pages.ts';

const directory = mkdtempSync(join(tmpdir(), 'parley-backup-e2e-'));
const at = (name: string): string => join(directory, name);
const running = new Map<string, Running>();
let browser: Browser | undefined;
let hub: { readonly tls: string; readonly http: string };

async function run(kind: 'server' | 'node', name: string, ...more: string[]): Promise<typeof hub> {
  const process = start([kind, '--data', at(name), '--json', ...more]);
  running.set(name, process);
  return JSON.parse(await process.line((line) => line.includes('"ready"'))) as typeof hub;
}

const backup = (command: 'backup' | 'restore', file: string, name: string) =>
  parley([command, at(file), '--backup-passphrase-file', at('passphrase'), '--data', at(name), '--json']);
const said = async (name: string): Promise<string[]> =>
  objects<{ text: string }>(await parley(['read', 'garden', '--json', '--data', at(name)])).map(({ text }) => text);

beforeAll(async () => {
  browser = await launch();
  writeFileSync(at('passphrase'), 'for the road\n');
  hub = await run('server', 'hub', '--tls', '127.0.0.1:0', '--http', '127.0.0.1:0');
  await run('node', 'ann', '--name', 'ann', '--connect', hub.tls, '--lan', 'off');
}, START_MS);
afterAll(async () => {
  await browser?.close();
  await Promise.all([...running.values()].map((process) => process.stop()));
  rmSync(directory, { recursive: true, force: true });
}, START_MS);

it('goes from a running node to a browser and on to another directory, and has everything in each', async (context) => {
  expect((await parley(['channels', 'create', 'garden', '--data', at('ann')])).code).toBe(0);
  expect((await parley(['send', 'garden', 'from the terminal', '--data', at('ann')])).code).toBe(0);
  expect(await backup('backup', 'ann.parley', 'ann')).toMatchObject({ code: 0 });
  expect(await backup('backup', 'ann.parley', 'ann')).toMatchObject({ code: 8 });
  expect(await backup('restore', 'ann.parley', 'ann')).toMatchObject({ code: 8 });
  expect(await backup('restore', 'nothing.parley', 'new')).toMatchObject({ code: 4 });
  expect((await parley(['stop', '--data', at('ann')])).code).toBe(0);

  if (!browser) return context.skip('there is no Chromium here');
  const ann = await Person.open(browser, hub.http);
  await ann.page.getByRole('button', { name: 'I have a backup' }).click();
  await ann.page.getByLabel('Backup file').setInputFiles(at('ann.parley'));
  await ann.page.getByLabel('Passphrase of the backup').fill('for the road');
  await ann.page.getByRole('button', { name: 'Restore' }).click();
  await ann.inside();
  await ann.page.getByText('garden').first().click();
  await ann.sees('from the terminal');
  await ann.say('from the browser');
  await ann.sees('from the browser');

  await ann.page.locator('.main-head').getByRole('button', { name: 'More' }).click();
  const [page] = await Promise.all([
    ann.page.waitForEvent('download'),
    ann.page.getByRole('menuitem', { name: 'Save as a page (HTML)' }).click(),
  ]);
  expect(page.suggestedFilename()).toBe('garden.html');
  await page.saveAs(at('garden.html'));
  expect(readFileSync(at('garden.html'), 'utf8')).toMatch(/from the terminal<.*from the browser</s);

  await ann.page.getByRole('button', { name: 'Settings', exact: true }).click();
  await ann.page.getByLabel('Passphrase for the file', { exact: true }).fill('for the road');
  await ann.page.getByLabel('Passphrase for the file, again').fill('for the road');
  const [download] = await Promise.all([
    ann.page.waitForEvent('download'),
    ann.page.getByRole('button', { name: 'Download a backup' }).click(),
  ]);
  await download.saveAs(at('again.parley'));
  expect(ann.complaints).toEqual([]);
  await ann.context.close();

  const [restored] = objects<{ name: string; ignored: number }>(await backup('restore', 'again.parley', 'new'));
  expect(restored).toMatchObject({ name: 'ann', ignored: 0 });
  await run('node', 'new', '--connect', hub.tls, '--lan', 'off');
  expect(await said('new')).toEqual(['from the terminal', 'from the browser']);
});
