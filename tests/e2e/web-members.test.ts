import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Running, START_MS, startHub } from './lib/cli.ts';
import { launch, Person, PHONE } from './lib/pages.ts';

const directory = mkdtempSync(join(tmpdir(), 'parley-web-members-'));

/** Makes two people contacts of each other. */
async function befriend(ada: Person, bob: Person): Promise<void> {
  await ada.page.getByRole('button', { name: 'Add a contact' }).click();
  const address = await ada.dialog.locator('code').filter({ hasText: '/#/contact/' }).textContent();
  await ada.dialog.getByRole('button', { name: 'Close' }).click();
  await bob.page.goto(address ?? '');
  await bob.dialog.getByRole('button', { name: 'Ask them' }).click();
  await ada.page.getByRole('button', { name: 'Contact requests' }).click();
  await ada.dialog.getByRole('button', { name: 'Accept Bob' }).click();
  await ada.dialog.getByRole('button', { name: 'Close' }).click();
  await bob.contact('Ada').filter({ hasNotText: 'asked' }).waitFor();
}

/** Makes a tablet a device of somebody. */
async function link(first: Person, tablet: Person): Promise<void> {
  const settings = ({ page }: Person) => page.getByRole('button', { name: 'Settings', exact: true }).click();
  await settings(tablet);
  await tablet.page.getByRole('button', { name: 'Make this a device of somebody who has one' }).click();
  const code = await tablet.page.locator('code').filter({ hasText: 'parley:device/' }).textContent();
  await settings(first);
  await first.page.getByLabel('Link another device').fill(code ?? '');
  await first.page.getByRole('button', { name: 'Ask it' }).click();
  await first.page.getByRole('button', { name: 'They match: link it' }).click();
  await tablet.page.getByText('the first: its key is yours').waitFor();
  await tablet.page.getByRole('button', { name: 'Back to the channels' }).click();
  await tablet.contact('Bob').waitFor();
}

/** Ada with a tablet, and Bob, her contact, each in a browser of their own. */
describe('members in the web app', () => {
  let browser: Browser | undefined;
  let server: Running | undefined;
  let ada: Person;
  let bob: Person;
  let tablet: Person;

  beforeAll(async () => {
    browser = await launch();
    if (!browser) return;
    const hub = await startHub(directory);
    server = hub.server;
    ada = await Person.open(browser, hub.http);
    bob = await Person.open(browser, hub.http);
    tablet = await Person.open(browser, hub.http, PHONE);
    await ada.begin('Ada');
    await bob.begin('Bob');
    await tablet.begin('Tablet');
    await befriend(ada, bob);
    await link(ada, tablet);
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  it('are people, with all their devices, and have a message once one of these has it', async (context) => {
    if (!browser) return context.skip('there is no Chromium here');
    await ada.create('square');
    await bob.join('square');
    await tablet.page.getByRole('link', { name: 'square' }).waitFor();
    // Bob has been told whose device it is: he counts two people, as ada does.
    await bob.page.locator('.subtitle').getByText('2 members').waitFor();
    await ada.page.locator('.subtitle').getByText('2 members').waitFor();
    await bob.page.getByRole('button', { name: 'Show members' }).click();
    await bob.page.getByRole('heading', { name: 'Here (2)' }).waitFor();
    expect(await bob.page.locator('.person-row').filter({ hasText: 'Ada' }).allTextContents()).toEqual([
      expect.stringMatching(/2 devices/),
    ]);
    expect(await bob.page.locator('.person-row').filter({ hasText: 'Tablet' }).count()).toBe(0);
    expect(await bob.faults()).toEqual([]);
    await bob.page.getByRole('button', { name: 'Close members' }).click();
    await ada.page.getByRole('button', { name: 'Show members' }).click();
    await ada.page
      .locator('.person-row')
      .filter({ hasText: /2 devices.*you$/ })
      .waitFor();
    await ada.page.getByRole('button', { name: 'Close members' }).click();
    await tablet.context.close();
    await bob.say('For whichever of them you hold');
    await ada.sees('For whichever of them you hold');
    await bob.message('For whichever of them you hold').locator('.delivery-delivered').click();
    const devices = bob.page.locator('.recipient-devices li');
    await devices.filter({ hasText: 'First device' }).filter({ hasText: 'delivered' }).waitFor();
    await devices.filter({ hasText: 'Tablet' }).waitFor();
    expect(await bob.page.locator('.recipients > li').count()).toBe(1);
    expect(await bob.faults()).toEqual([]);
    await bob.page.keyboard.press('Escape');
  });

  it('see in a closed channel who changed what about it, at once and after a reload', async (context) => {
    if (!browser) return context.skip('there is no Chromium here');
    const lines = ({ page }: Person) => page.locator('.change');
    const told = async (person: Person): Promise<string[]> =>
      (await lines(person).allTextContents()).map((line) => line.replaceAll(/#\w{4}/g, ''));
    await ada.page.getByRole('button', { name: 'Create a channel' }).first().click();
    await ada.dialog.getByLabel('Name').fill('committee');
    await ada.dialog.getByRole('radio', { name: 'Closed' }).check();
    await ada.dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await ada.page.getByText('This channel is closed').waitFor();
    await ada.page.getByRole('button', { name: 'Show members' }).click();
    await ada.page.getByRole('button', { name: 'Invite somebody' }).click();
    await ada.dialog.getByRole('button', { name: 'Invite Bob' }).click();
    await ada.dialog.getByRole('button', { name: 'Invite Bob#', exact: false }).and(ada.page.locator('[aria-label$=again]')).waitFor();
    await ada.dialog.getByRole('button', { name: 'Close' }).click();
    await bob.page.getByRole('button', { name: 'Invitations' }).click();
    await bob.dialog.getByRole('button', { name: 'Accept committee' }).click();
    await bob.isIn('committee');
    await bob.say('Before');
    await ada.sees('Before');
    await ada.page.getByRole('button', { name: /^Role of Bob/ }).click();
    await ada.dialog.getByRole('radio', { name: 'Moderator' }).check();
    await ada.dialog.getByRole('button', { name: 'Change the role' }).click();
    await lines(bob)
      .filter({ hasText: /^Ada#\w{4} made you a moderator$/ })
      .waitFor();
    await bob.page.locator('.main-head').getByRole('button', { name: 'More' }).click();
    await bob.page.getByRole('menuitem', { name: 'Disappearing messages' }).click();
    // It is for everybody: to walk over what there is chooses nothing yet.
    await bob.dialog.getByRole('radio', { name: 'After 1 hour' }).click();
    await bob.dialog.getByRole('radio', { name: 'After 1 day' }).click();
    await bob.dialog.getByRole('button', { name: 'Set it for everybody' }).click();
    await bob.dialog.waitFor({ state: 'detached' });
    await lines(ada)
      .filter({ hasText: /^Bob#\w{4} set messages to disappear after 1 day$/ })
      .waitFor();
    await bob.say('After');
    await ada.sees('After');
    expect(await told(ada)).toEqual([
      'You invited Bob',
      'Bob joined',
      'You made Bob a moderator',
      'Bob set messages to disappear after 1 day',
    ]);
    const his = ['Ada invited you', 'You joined', 'Ada made you a moderator', 'You set messages to disappear after 1 day'];
    expect(await told(bob)).toEqual(his);
    expect(await bob.faults()).toEqual([]);
    await bob.page.reload();
    await bob.inside();
    await bob.sees('After');
    await lines(bob).last().waitFor();
    expect(await told(bob)).toEqual(his);
    // Each at its time.
    expect(await bob.page.locator('.messages .change, .messages .message').allTextContents()).toEqual([
      ...[0, 1].map(() => expect.any(String)),
      expect.stringContaining('Before'),
      ...[0, 1].map(() => expect.any(String)),
      expect.stringContaining('After'),
    ]);
  });

  it('still see it after they were removed', async (context) => {
    if (!browser) return context.skip('there is no Chromium here');
    await ada.page.getByRole('button', { name: /^Role of Bob/ }).click();
    await ada.dialog.getByRole('button', { name: /^Remove Bob/ }).click();
    await ada.dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    const last = bob.page.locator('.change').filter({ hasText: /^Ada#\w{4} removed you$/ });
    await last.waitFor();
    await bob.page.reload();
    await bob.inside();
    await bob.sees('After');
    await last.waitFor();
    expect(await bob.page.locator('.change').count()).toBe(5);
  });

  it('see it in a conversation of two', async (context) => {
    if (!browser) return context.skip('there is no Chromium here');
    await ada.contact('Bob').click();
    await ada.page.locator('.main-head').getByRole('button', { name: 'More' }).click();
    await ada.page.getByRole('menuitem', { name: 'Disappearing messages' }).click();
    await ada.dialog.getByRole('radio', { name: 'After 1 hour' }).click();
    await ada.dialog.getByRole('button', { name: 'Set it for everybody' }).click();
    await ada.dialog.waitFor({ state: 'detached' });
    await ada.page.getByText('You set messages to disappear after 1 hour').waitFor();
    await bob.contact('Ada').click();
    await bob.page
      .locator('.change')
      .filter({ hasText: /^Ada#\w{4} set messages to disappear after 1 hour$/ })
      .waitFor();
  });

  it('complain of nothing', async (context) => {
    if (!browser) return context.skip('there is no Chromium here');
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
  });
});
