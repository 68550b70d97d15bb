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
      await page.locator('.contact-state-alert').waitFor();
    },
  },
  {
    name: 'contact',
    does: async (page) => {
      await page.locator('.people-list .channel').filter({ hasText: 'Anna' }).click();
      await page.locator('.safety-digits').scrollIntoViewIfNeeded();
      await page.locator('.contact-settings').scrollIntoViewIfNeeded();
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
];
