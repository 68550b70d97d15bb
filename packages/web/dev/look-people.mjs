/** @typedef {{ name: string, path?: string, does?: (page: import('playwright').Page) => Promise<void> }} View */

/**
 * Views of contacts, closed channels and direct messages.
 *
 * @type {View[]}
 */
export const PEOPLE = [
  {
    name: 'person-changed',
    does: async (page) => {
      await page.locator('.people-list .channel').filter({ hasText: 'Ben' }).click();
      await page.getByRole('button', { name: 'Their key has changed' }).click();
      await page.locator('.contact-state-alert').waitFor();
    },
  },
  {
    name: 'contact',
    does: async (page) => {
      await page.locator('.people-list .channel').filter({ hasText: 'Anna' }).click();
      await page.getByRole('button', { name: 'About them' }).click();
      await page.locator('.safety-digits').scrollIntoViewIfNeeded();
      await page.locator('.contact-settings').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'contact-block',
    does: async (page) => {
      await page.locator('.people-list .channel').filter({ hasText: 'Anna' }).click();
      await page.getByRole('button', { name: 'About them' }).click();
      await page.getByRole('button', { name: 'Block' }).click();
      await page.locator('.question').waitFor();
    },
  },
  {
    name: 'direct',
    does: async (page) => {
      await page.locator('.people-list .channel').filter({ hasText: 'Yael' }).click();
      await page.locator('.start').waitFor();
    },
  },
  {
    name: 'requests',
    does: async (page) => {
      await page.getByText('Contact requests').click();
      await page.locator('.request').first().waitFor();
    },
  },
  {
    name: 'add-contact',
    does: async (page) => {
      await page.getByRole('button', { name: 'Add a contact' }).click();
      await page.locator('.own-link .qr').waitFor();
    },
  },
  {
    name: 'add-contact-end',
    does: async (page) => {
      await page.getByRole('button', { name: 'Add a contact' }).click();
      await page.locator('.own-link .qr').waitFor();
      await page.locator('.dialog').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    },
  },
  {
    name: 'blocked',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'Blocked people' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'rotate',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Replace my key' }).click();
      await page.locator('.rotate-contacts').waitFor();
    },
  },
  {
    name: 'rotate-told',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Replace my key' }).click();
      for (const each of await page.locator('.rotate-contacts input').all()) await each.check();
      await page.getByRole('button', { name: 'Make it' }).click();
      await page.locator('.rotate-key').waitFor();
    },
  },
  {
    name: 'rotate-forget',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('button', { name: 'Replace my key' }).click();
      for (const each of await page.locator('.rotate-contacts input').all()) await each.check();
      await page.getByRole('button', { name: 'Make it' }).click();
      await page.getByRole('button', { name: 'Forget the new key' }).click();
      await page.locator('.question').waitFor();
    },
  },
  {
    name: 'devices',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByLabel('Link another device').fill('parley:device/key_4MdbYa1Fg8nS7k9vTq2WxRz5cLhJpE3uBtNiYoGdKfQs?secret=A');
      await page.getByRole('button', { name: 'Ask it' }).click();
      await page.locator('.safety-digits').waitFor();
      await page.getByRole('heading', { name: 'Devices' }).scrollIntoViewIfNeeded();
      await page.getByRole('button', { name: 'They match' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'privacy',
    does: async (page) => {
      await page.getByRole('button', { name: 'Settings' }).click();
      await page.getByRole('heading', { name: 'What others see of you' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'timer',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.locator('.main-head').getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Disappearing messages' }).click();
      await page.locator('.choice').waitFor();
    },
  },
  {
    name: 'channel-settings',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.locator('.main-head').getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Settings of the channel' }).click();
      await page.getByRole('radio', { name: 'The latest messages' }).check();
    },
  },
  {
    name: 'create-closed',
    does: async (page) => {
      await page.getByRole('button', { name: 'Create a channel' }).first().click();
      await page.getByRole('radio', { name: 'Closed' }).check();
      await page.getByRole('radio', { name: 'The latest messages' }).check();
    },
  },
  {
    name: 'invitations',
    does: async (page) => {
      await page.getByRole('button', { name: 'Invitations' }).click();
      await page.locator('.request').first().waitFor();
    },
  },
  {
    name: 'closed',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.locator('.start').waitFor();
    },
  },
  {
    name: 'closed-members',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.getByRole('button', { name: 'Show members' }).click();
      await page.locator('.member-row').first().waitFor();
    },
  },
  {
    name: 'invite',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.getByRole('button', { name: 'Show members' }).click();
      await page.getByRole('button', { name: 'Invite somebody' }).click();
      await page.locator('.invite-row').first().waitFor();
      // Shown once the keyboard of a phone would have settled.
      await page.waitForTimeout(400);
    },
  },
  {
    name: 'member',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.getByRole('button', { name: 'Show members' }).click();
      await page.getByRole('button', { name: 'Role of Anna' }).click();
      await page.locator('.choice').waitFor();
    },
  },
  {
    name: 'member-remove',
    does: async (page) => {
      await page.locator('.channel').filter({ hasText: 'committee' }).click();
      await page.getByRole('button', { name: 'Show members' }).click();
      await page.getByRole('button', { name: 'Role of Anna' }).click();
      await page.getByRole('button', { name: 'Remove' }).click();
      await page.locator('.question').waitFor();
    },
  },
];
