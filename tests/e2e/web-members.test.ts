import { describe, expect } from 'vitest';
import { type Person, PHONE } from './lib/pages.ts';
import { setStage } from './lib/web-stage.ts';

/** Makes two people contacts of each other. */
async function befriend(ada: Person, bob: Person): Promise<void> {
  await bob.page.goto(await ada.address());
  await bob.dialog.getByRole('button', { name: 'Ask them' }).click();
  await ada.page.getByRole('button', { name: 'Contact requests' }).click();
  await ada.dialog.getByRole('button', { name: 'Accept Bob' }).click();
  await ada.dialog.getByRole('button', { name: 'Close' }).click();
  await bob.contact('Ada').filter({ hasNotText: 'asked' }).waitFor();
}

/** Makes a tablet a device of somebody. */
async function link(first: Person, tablet: Person): Promise<void> {
  const code = await tablet.deviceCode();
  await first.settings();
  await first.page.getByLabel('Link another device').fill(code);
  await first.page.getByRole('button', { name: 'Ask it' }).click();
  await first.page.getByRole('button', { name: 'They match: link it' }).click();
  await tablet.page.getByText('the first: its key is yours').waitFor();
  await tablet.page.getByRole('button', { name: 'Back to the channels' }).click();
  await tablet.contact('Bob').waitFor();
}

/** Ada with a tablet, and Bob, her contact, each in a browser of their own. */
describe('members in the web app', () => {
  let ada: Person;
  let bob: Person;
  let tablet: Person;

  const { it } = setStage('members', async (stage) => {
    await stage.serve('hub');
    ada = await stage.person('Ada');
    bob = await stage.person('Bob');
    tablet = await stage.person('Tablet', { viewport: PHONE });
    await befriend(ada, bob);
    await link(ada, tablet);
  });

  it('are people, with all their devices, and have a message once one of these has it', async () => {
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
    // What one says on several devices stands under one name, beside one picture.
    await tablet.page.getByRole('link', { name: 'square' }).click();
    await tablet.isIn('square');
    await ada.say('At the desk');
    await bob.sees('At the desk');
    await tablet.say('On the sofa');
    await bob.sees('On the sofa');
    expect(await bob.message('On the sofa').getAttribute('class')).toContain('message-continued');
    await tablet.sees('On the sofa');
    const pictures = ({ page }: Person) => page.locator('.avatar-button svg').last().innerHTML();
    expect(await pictures(tablet)).toBe(await pictures(bob));
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

  it('see in a closed channel who changed what about it, at once and after a reload', async () => {
    const lines = ({ page }: Person) => page.locator('.change');
    const told = async (person: Person): Promise<string[]> =>
      (await lines(person).allTextContents()).map((line) => line.replaceAll(/#\w{4}/g, ''));
    await ada.create('committee', 'Closed');
    await ada.page.getByText('This channel is closed').waitFor();
    await ada.invite('Bob');
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
    await bob.inMenu('Disappearing messages');
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

  it('still see it after they were removed', async () => {
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

  it('see it in a conversation of two', async () => {
    await ada.contact('Bob').click();
    await ada.inMenu('Disappearing messages');
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

  it('complain of nothing', async () => {
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
  });
});
