import { describe, expect } from 'vitest';
import type { Person } from './lib/pages.ts';
import { setStage } from './lib/web-stage.ts';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
  { width: 320, height: 640 },
] as const;
/** As long and as wide as a name may be, with no place to break it. */
const [ADA, BOB, PUBLIC, CLOSED] = ['A', 'B', 'P', 'C'].map((first) => first + 'W'.repeat(63)) as [string, string, string, string];
const LONG = 'M'.repeat(300);

describe('whatever its length, and however narrow the window', () => {
  let ada: Person;
  let bob: Person;
  const beyond: string[] = [];

  /** Looks at what is shown, at each width. */
  async function look(view: string, person = ada): Promise<void> {
    for (const size of SIZES) {
      await person.page.setViewportSize(size);
      for (const fault of await person.beyond()) beyond.push(`${view} at ${size.width}: ${fault}`);
    }
    await person.page.setViewportSize(SIZES[0]);
  }
  const go = (hash: string): Promise<unknown> => ada.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  const close = async (): Promise<void> => {
    await ada.page.keyboard.press('Escape');
    await ada.dialog.waitFor({ state: 'detached' });
  };
  const button = (name: string) => ada.page.getByRole('button', { name, exact: true }).first();

  const { stage, it } = setStage('narrow', async (stage) => {
    await stage.serve('H'.repeat(64));
    ada = await stage.open();
    bob = await stage.open();
  });

  it('nothing is cut off before there is anything', async () => {
    beyond.length = 0;
    await look('the first page');
    await ada.page.getByText('I have a backup').click();
    await look('the way back');
    await ada.page.getByText('Begin with a new name instead').click();
    await ada.begin(ADA);
    await bob.begin(BOB);
    await look('the empty app');
    expect(beyond).toEqual([]);
  });

  it('a name that is too long is told while it is typed, wherever one is typed', async () => {
    const { page } = await stage.open();
    await page.getByLabel('Your name').fill(`${ADA}W`);
    await page.getByRole('alert').getByText('A name has at most 64 characters.').waitFor();
    expect(await page.getByRole('button', { name: 'Begin' }).isDisabled()).toBe(true);
    await page.getByLabel('Your name').fill(`${ADA} `);
    await page.getByRole('button', { name: 'Begin', disabled: false }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await page.context().close();
    for (const [opens, label, does] of [
      ['Create a channel', 'Name', 'Create'],
      ['Add a contact', 'What you call them', 'Ask them'],
    ] as const) {
      await button(opens).click();
      await ada.dialog.getByLabel(label).fill(`${'€'.repeat(64)}🚀`);
      await ada.dialog.getByRole('alert').getByText('at most 64 characters').waitFor();
      expect(await ada.dialog.getByRole('button', { name: does, exact: true }).isDisabled()).toBe(true);
      expect(await ada.faults()).toEqual([]);
      await close();
    }
  });

  it('nothing is cut off of channels, messages and what is done with them', async () => {
    beyond.length = 0;
    await ada.create(PUBLIC);
    await bob.join(PUBLIC);
    await bob.say(LONG);
    await bob.say(`\`\`\`\n${LONG}\n\`\`\``);
    await bob.page.locator('input[type=file]').setInputFiles({ name: `${LONG.slice(0, 180)}.bin`, mimeType: '', buffer: Buffer.alloc(9) });
    await bob.page.getByRole('button', { name: 'Send', exact: true, disabled: false }).waitFor();
    await look('files to send', bob);
    await bob.say('With a file');
    await ada.sees('With a file');
    await look('a channel');
    const channel = new URL(ada.page.url()).hash;
    await go(`${channel}/members`);
    await ada.page.getByText('Here (2)').waitFor();
    await look('members');
    await go(channel);
    for (const [key, what] of [
      ['r', 'an answer'],
      ['d', 'details of a message'],
    ] as const) {
      await ada.page.locator('.messages').focus();
      await ada.page.keyboard.press('ArrowUp');
      await ada.page.keyboard.press(key);
      await ada.page.locator(key === 'r' ? '.reply-bar' : '.panel').waitFor();
      await look(what);
    }
    await button('Close details').click();
    await ada.say('Answered');
    await ada.message('Answered').locator('.delivery').click();
    await ada.page.locator('.popover').waitFor();
    await look('a delivery');
    await ada.page.keyboard.press('Escape');
    await ada.page.locator('.main-head').getByRole('button', { name: 'More' }).click();
    await ada.page.getByRole('menuitem', { name: 'Pinned messages' }).waitFor();
    await look('the menu of a channel');
    await ada.page.getByRole('menuitem', { name: 'Leave the channel' }).click();
    await ada.dialog.waitFor();
    await look('leaving');
    await close();
    for (const name of ['Find a channel', 'Create a channel', 'Add a contact']) {
      await button(name).click();
      await ada.dialog.waitFor();
      if (name === 'Create a channel') await ada.dialog.getByRole('radio', { name: 'Closed' }).check();
      if (name === 'Add a contact') await ada.dialog.locator('.qr').waitFor();
      await look(name);
      await close();
    }
    await ada.page.keyboard.press('Control+k');
    await ada.dialog.getByText(PUBLIC).first().waitFor();
    await look('the switcher');
    await close();
    await ada.page.keyboard.press('Control+/');
    await ada.dialog.waitFor();
    await look('the keys');
    await close();
    await go('#/search');
    await ada.page.getByRole('searchbox').fill('m');
    await ada.page.locator('.result').first().waitFor();
    await look('a search');
    expect(beyond).toEqual([]);
  });

  it('nothing is cut off of people, invitations and conversations', async () => {
    beyond.length = 0;
    await bob.page.goto(await ada.address());
    await bob.dialog.getByText('The link calls them').waitFor();
    await look('a link that was followed', bob);
    await bob.dialog.getByLabel('A few words to them').fill('W'.repeat(200));
    await bob.dialog.getByRole('button', { name: 'Ask them' }).click();
    await button('Contact requests 1 open').click();
    await ada.dialog.locator('.request').waitFor();
    await look('a request');
    await ada.dialog.getByRole('button', { name: /^Accept/ }).click();
    await close();
    await ada.contact(BOB).click();
    await ada.page.getByText('For you two alone').waitFor();
    await look('a conversation of two');
    await button('About them').click();
    await ada.dialog.locator('.safety-digits').waitFor();
    await ada.dialog.locator('.paths').waitFor();
    await look('a contact');
    await ada.dialog.getByRole('button', { name: 'Block', exact: true }).click();
    await look('whether to block');
    await close();

    await ada.create(CLOSED, 'Closed');
    await ada.page.getByText('This channel is closed').waitFor();
    await look('a closed channel');
    await button('Show members').click();
    await button('Invite somebody').click();
    await ada.dialog.getByRole('button', { name: `Invite ${BOB}` }).click();
    await look('inviting');
    await close();
    await bob.page.getByRole('button', { name: 'Invitations' }).click();
    await bob.dialog.getByText('invites you').waitFor();
    await look('an invitation', bob);
    await bob.dialog.getByRole('button', { name: 'Accept' }).click();
    await ada.page.getByText('In the channel (2)').waitFor();
    await look('members of a closed channel');
    await ada.page.getByRole('button', { name: /^Role of/ }).click();
    await ada.dialog.waitFor();
    await ada.dialog.getByRole('button', { name: 'Remove' }).click();
    await look('a role, and whether to remove');
    await close();
    for (const name of ['Disappearing messages', 'Settings of the channel']) {
      await ada.inMenu(name);
      await ada.dialog.waitFor();
      await look(name);
      await close();
    }
    await ada.inMenu('Disappearing messages');
    await ada.dialog.getByRole('radio', { name: 'After 4 weeks' }).click();
    await ada.dialog.getByRole('button', { name: 'Set it for everybody' }).click();
    await ada.page.locator('.subtitle').filter({ hasText: 'gone after 4 weeks' }).waitFor();
    await button('Close members').click();
    await look('a closed channel with a timer');
    // What stands over a conversation takes one line, and what it is called another.
    await ada.page.setViewportSize(SIZES[1]);
    expect((await ada.page.locator('.subtitle').boundingBox())?.height).toBeLessThan(25);
    await ada.page.setViewportSize(SIZES[0]);
    expect(beyond).toEqual([]);
  });

  it('nothing is cut off of the network and the settings', async () => {
    beyond.length = 0;
    await go('#/network');
    await ada.page.locator('.network-rows li').first().waitFor();
    await look('the network');
    await go('#/settings');
    await button('Make this one of my devices').waitFor();
    await ada.page.getByText(/^Parley \d+\.\d+\.\d+\. A network/).waitFor();
    await look('the settings');
    await ada.page.getByRole('radio', { name: '2 servers' }).click();
    await ada.page.getByText('fewer than 2 servers').waitFor();
    await look('circuits');
    await ada.page.getByRole('button', { name: 'Replace my key' }).click();
    await ada.dialog.getByRole('checkbox').first().waitFor();
    await look('a new key');
    await close();
    // Only who has nothing yet becomes the device of somebody.
    const tablet = await stage.person(LONG.slice(0, 64));
    await tablet.deviceCode();
    await look('the code of a device', tablet);
    await tablet.protect(LONG);
    await tablet.page.reload();
    await tablet.page.getByRole('button', { name: 'I have forgotten it' }).click();
    await tablet.page.getByText('Each of them erases what is here').waitFor();
    await look('without the passphrase', tablet);
    await tablet.page.getByRole('button', { name: 'Begin anew' }).click();
    await look('beginning anew', tablet);
    expect(beyond).toEqual([]);
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
  });
});
