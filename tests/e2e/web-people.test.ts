import { describe, expect } from 'vitest';
import { type Person, PHONE } from './lib/pages.ts';
import { setStage } from './lib/web-stage.ts';

/** Two people at one server, each in a browser of their own; one of them on a phone. */
describe('people in the web app', () => {
  let ada: Person;
  let bob: Person;

  const { stage, it } = setStage('people', async (stage) => {
    await stage.serve('hub');
    ada = await stage.person('Ada');
    bob = await stage.person('Bob', { viewport: PHONE });
  });

  it('become contacts by a link, once the one who was asked has accepted', async () => {
    await ada.page.getByRole('button', { name: 'Add a contact' }).first().click();
    await ada.page.getByRole('img', { name: 'Your own link as a QR code' }).waitFor();
    expect(await ada.faults()).toEqual([]);
    const address = await ada.dialog.locator('code').filter({ hasText: '/#/contact/' }).textContent();
    // A picture with other things around it.
    const code = await ada.dialog.screenshot();
    await ada.dialog.getByRole('button', { name: 'Close' }).click();

    await bob.page.getByRole('button', { name: 'Add a contact' }).first().click();
    const choose = async (name: string, mimeType: string, buffer: Buffer): Promise<void> => {
      const chooser = bob.page.waitForEvent('filechooser');
      await bob.dialog.getByRole('button', { name: 'Scan a QR code' }).click();
      await (await chooser).setFiles({ name, mimeType, buffer });
    };
    await choose('notes.png', 'image/png', Buffer.from('not a picture'));
    await bob.dialog.getByText('This file is not a picture that the browser can read.').waitFor();
    await choose('dark.png', 'image/png', await bob.page.locator('.self-name').screenshot());
    await bob.dialog.getByText('There is no QR code to be read in this picture.').waitFor();
    await choose('code.png', 'image/png', code);
    await bob.dialog.getByText('The link calls them Ada').waitFor();
    expect(await bob.faults()).toEqual([]);
    await bob.dialog.getByRole('button', { name: 'Cancel' }).click();

    await bob.page.goto(address ?? '');
    await bob.dialog.getByText('The link calls them Ada').waitFor();
    expect(await bob.faults()).toEqual([]);
    await bob.dialog.getByLabel('A few words to them').fill('Bob, from the <b>bakery</b>');
    await bob.dialog.getByRole('button', { name: 'Ask them' }).click();
    await bob.contact('Ada').filter({ hasText: 'asked' }).waitFor();

    await ada.page.getByRole('button', { name: 'Contact requests' }).click();
    await ada.dialog.getByText('Bob, from the <b>bakery</b>').waitFor();
    expect(await ada.faults()).toEqual([]);
    await ada.dialog.getByRole('button', { name: 'Accept Bob' }).click();
    await ada.dialog.getByText('Nobody is waiting for an answer.').waitFor();
    await ada.dialog.getByRole('button', { name: 'Close' }).click();
    await ada.contact('Bob').waitFor();
    // There is no channel to choose yet: the page says how to begin.
    await ada.page.getByRole('heading', { name: 'You are in the network' }).waitFor();
    for (const name of ['Find a channel', 'Create a channel', 'Add a contact'])
      await ada.page.getByRole('main').getByRole('button', { name }).waitFor();
    await bob.contact('Ada').filter({ hasNotText: 'asked' }).waitFor();
    await bob.page.getByText('Ada is now your contact.').waitFor();
    expect(await bob.page.getByText('Your request is on its way').count()).toBe(0);
  });

  it('compare the safety number, the same for both, and are verified from then on', async () => {
    const digits: (string | null)[] = [];
    for (const [person, other] of [
      [ada, 'Bob'],
      [bob, 'Ada'],
    ] as const) {
      await person.about(other);
      digits.push(await person.dialog.locator('.safety-digits').textContent());
      await person.dialog.getByRole('button', { name: 'They match' }).click();
      await person.dialog.getByText('Verified: you have compared it.').waitFor();
      expect(await person.faults()).toEqual([]);
      await person.dialog.getByRole('button', { name: 'Close' }).click();
      await person.home();
      await person.contact(other).filter({ hasText: 'verified' }).waitFor();
    }
    expect(digits[0]).toMatch(/^\d{60}$/);
    expect(digits[1]).toBe(digits[0]);
  });

  it('write to each other in a conversation that only they can read', async () => {
    await ada.contact('Bob').click();
    await ada.page.getByText('For you two alone').waitFor();
    await ada.say('Between us');
    await bob.contact('Ada').filter({ hasText: '1 unread' }).click();
    await bob.sees('Between us');
    await bob.page.getByRole('button', { name: 'About them' }).waitFor();
    expect(await bob.faults()).toEqual([]);
    // A link to somebody else, which opens the dialog and sends nothing by itself.
    await ada.say('Ask parley:contact/key_US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx?name=Cleo');
    await bob.page.getByRole('link', { name: 'parley:contact/key_US5' }).click();
    await bob.dialog.getByText('The link calls them Cleo').waitFor();
    await bob.dialog.getByRole('button', { name: 'Close' }).click();
    expect(await bob.contact('Cleo').count()).toBe(0);
    await bob.composer.fill('And back');
    await ada.page.locator('.typing-line').getByText('Bob is typing …').waitFor();
    expect(await ada.faults()).toEqual([]);
    await bob.page.getByRole('button', { name: 'Send' }).click();
    await ada.sees('And back');
    await ada.page.getByText('is typing').waitFor({ state: 'detached' });
    // Both have just done something: a dot with words, beside the name and over the conversation.
    await ada.contact('Bob').filter({ hasText: 'here now' }).waitFor();
    await ada.page.locator('.subtitle').getByText('here now').waitFor();
    await ada.message('Between us').first().locator('.delivery-delivered, .delivery-read').waitFor();
    expect(await ada.faults()).toEqual([]);
  });

  it('talk by circuit, once one of them wants that', async () => {
    await ada.settings();
    await ada.page.getByRole('radio', { name: '2 servers' }).click();
    await ada.page.getByText('fewer than 2 servers').waitFor();
    // Nothing goes out then, and that is said where one writes.
    await ada.contact('Bob').click();
    await ada.page.getByText('Circuits are on: no server sees that you write to them').waitFor();
    await ada.say('Not by a short way');
    await ada.message('Not by a short way').getByText('Waiting for a circuit').waitFor();
    await ada.message('Not by a short way').locator('.delivery').click();
    await ada.page.getByText('waiting for a circuit: the settings say why there is none').waitFor();
    await ada.page.keyboard.press('Escape');
    await ada.settings();
    await ada.page.getByRole('radio', { name: '1 server' }).click();
    await ada.page.getByText('That one server sees both of you').waitFor();
    expect(await ada.faults()).toEqual([]);
    await ada.contact('Bob').click();
    await ada.say('By circuit');
    await bob.sees('By circuit');
    await ada.message('By circuit').first().locator('.delivery-delivered, .delivery-read').waitFor();
    await ada.settings();
    await ada.page.locator('.server').filter({ hasText: 'Bob' }).filter({ hasText: 'by ' }).waitFor();
    await ada.page.getByRole('radio', { name: 'Off' }).click();
  });

  it('talk in a closed channel, once the one who was invited has accepted', async () => {
    await ada.create('committee', 'Closed');
    await ada.page.getByText('The conversation begins here. This channel is closed').waitFor();
    await ada.say('Before Bob came');
    await ada.invite('Bob');

    await bob.home();
    await bob.page.getByRole('button', { name: 'Invitations' }).click();
    await bob.dialog.getByText('invites you as a member.').waitFor();
    expect(await bob.faults()).toEqual([]);
    await bob.dialog.getByRole('button', { name: 'Accept committee' }).click();
    await bob.sees('Before Bob came');
    await bob.page.getByText('Nothing older can be read here. This channel is closed').waitFor();
    await bob.composer.fill('Here I am');
    await bob.page.getByRole('button', { name: 'Send' }).click();
    await ada.sees('Here I am');

    await ada.inMenu('Settings of the channel');
    await ada.dialog.getByLabel('Name').fill('council');
    await ada.dialog.getByRole('radio', { name: 'The latest messages' }).check();
    await ada.dialog.getByLabel('How many messages').fill('25');
    expect(await ada.faults()).toEqual([]);
    await ada.dialog.getByRole('button', { name: 'Save' }).click();
    await bob.page.getByRole('heading', { name: 'council', level: 1 }).waitFor({ state: 'attached' });
    await bob.inMenu('Settings of the channel');
    await bob.dialog.getByText('The latest 25 messages').waitFor();
    expect(await bob.dialog.getByRole('textbox').count()).toBe(0);
    expect(await bob.faults()).toEqual([]);
    await bob.dialog.getByRole('button', { name: 'Close' }).click();
  });

  it('have roles there, are removed by who may, and then read no more', async () => {
    await ada.page.getByRole('button', { name: /^Role of Bob/ }).click();
    await ada.dialog.getByRole('radio', { name: 'Observer' }).check();
    expect(await ada.faults()).toEqual([]);
    await ada.dialog.getByRole('button', { name: 'Change the role' }).click();
    await ada.page.locator('.member-row').filter({ hasText: 'Bob' }).filter({ hasText: 'observer' }).waitFor();
    expect(await ada.faults()).toEqual([]);
    await ada.page.getByRole('button', { name: /^Role of Bob/ }).click();
    await ada.doAsked(/^Remove Bob/, /^Remove Bob.* from this channel\? They get no more of its messages/, 'Do not remove', 'Remove');
    await ada.page.locator('.member-row').filter({ hasText: 'Bob' }).waitFor({ state: 'detached' });
    await bob.page.getByText(/^You were removed from this channel by Ada#\w{4}, .*A member can invite you\.$/).waitFor();
    expect(await bob.composer.count()).toBe(0);
    await bob.page.reload();
    await bob.inside();
    await bob.sees('Before Bob came');
    expect(await bob.faults()).toEqual([]);
    await bob.home();
    await bob.page.getByRole('link', { name: 'council' }).filter({ hasText: 'removed' }).click();
    await bob.page.getByRole('button', { name: 'Take it off the list' }).click();
    await bob.page.getByRole('link', { name: 'council' }).waitFor({ state: 'detached' });
  });

  it('are called what the user wants, blocked and unblocked, over a reload', async () => {
    await ada.contact('Bob').click();
    await ada.about('Bob');
    await ada.dialog.getByLabel('What you call them').fill('Baker');
    await ada.dialog.getByRole('button', { name: 'Rename' }).click();
    await ada.dialog.getByText('calls themselves Bob').waitFor();
    await ada.doAsked('Block', /^Block Baker\? Nothing that they send you directly is heard/, 'Do not block', 'Block');
    await ada.dialog.getByText('Blocked.').waitFor();
    await ada.dialog.getByRole('button', { name: 'Close' }).click();
    await ada.contact('Baker').waitFor({ state: 'detached' });
    // Where one would write it says so before anything is written.
    const told = ada.page.getByText('Baker is blocked.');
    await told.waitFor();
    expect(await ada.composer.count()).toBe(0);
    expect(await ada.faults()).toEqual([]);
    await ada.page.reload();
    await told.waitFor();
    await ada.settings();
    await ada.page.getByRole('button', { name: 'Unblock Baker' }).waitFor();
    await ada.page.goBack();
    await told.waitFor();
    await ada.page.getByRole('button', { name: 'Unblock', exact: true }).click();
    await ada.isIn('Baker');
    await ada.contact('Baker').filter({ hasText: 'verified' }).waitFor();
  });

  it('have several devices, which show the same digits before they are linked and know the same people after', async () => {
    const tablet = await stage.person('Tablet', { viewport: PHONE });
    await ada.settings();
    await ada.page.getByLabel('Link another device').fill(await tablet.deviceCode());
    await ada.page.getByRole('button', { name: 'Ask it' }).click();
    await tablet.page.getByText('wants to link this device').waitFor();
    const digits = await Promise.all([ada, tablet].map(({ page }) => page.locator('.safety-digits').textContent()));
    expect(digits[0]).toMatch(/^\d{60}$/);
    expect(digits[1]).toBe(digits[0]);
    expect(await ada.faults()).toEqual([]);
    expect(await tablet.faults()).toEqual([]);
    await ada.page.getByRole('button', { name: 'They match: link it' }).click();
    await ada.page.getByRole('button', { name: 'Revoke Tablet' }).waitFor();
    await tablet.page.getByText('the first: its key is yours').waitFor();
    expect(await ada.faults()).toEqual([]);
    await tablet.page.getByRole('button', { name: 'Back to the channels' }).click();
    await tablet.contact('Baker').filter({ hasText: 'verified' }).waitFor();
    // It is asked about: there is no way back.
    await ada.page.getByRole('button', { name: 'Revoke Tablet' }).click();
    await ada.page.getByRole('group', { name: /^Revoke Tablet\? It is yours no more, for good/ }).waitFor();
    expect(await ada.faults()).toEqual([]);
    await ada.page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await tablet.settings();
    await tablet.page.getByText('This device was revoked.').waitFor();
    await tablet.context.close();
  });

  it('take a new key, by which who is told knows them when they believe it, and what was said before stays as it is', async () => {
    await bob.settings();
    const before = await bob.page.locator('.key-card code').textContent();
    const make = async (): Promise<void> => {
      await bob.page.getByRole('button', { name: 'Replace my key' }).click();
      await bob.dialog.getByRole('checkbox', { name: 'Ada' }).check();
      expect(await bob.faults()).toEqual([]);
      await bob.dialog.getByRole('button', { name: 'Make it, and tell 1' }).click();
      await bob.dialog.getByText('told: it is kept for them').waitFor();
      expect(await bob.faults()).toEqual([]);
    };
    await make();
    // What that does is said before it is done.
    const question = /^Forget the new key\?.* One of those who are to know was told, and that cannot be taken back/;
    await bob.doAsked('Forget the new key', question, 'Keep the new key', 'Forget it');
    await bob.page.getByText('The new key is forgotten.').waitFor();
    await make();
    await bob.dialog.getByRole('button', { name: 'Use it from now on' }).click();
    await bob.page.getByText('You are known by your new key now.').waitFor();
    expect(await bob.page.locator('.key-card code').textContent()).not.toBe(before);
    await ada.page.getByText('The key of Baker has changed').waitFor();
    await bob.home();
    await bob.contact('Ada').click();
    await bob.message('And back').hover();
    await bob.message('And back').getByRole('button', { name: 'More' }).click();
    await bob.page.getByRole('menuitem', { name: 'Details' }).waitFor();
    expect(await bob.page.getByRole('menuitem', { name: /^(Edit|Delete)/ }).count()).toBe(0);
    await bob.page.keyboard.press('Escape');
  });

  it('complain of nothing', async () => {
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
  });
});
