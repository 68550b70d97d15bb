import { newBrowser, print } from './lab.mjs';

/** What a newcomer is asked to believe: that it takes no longer from a server that is up to the first message at somebody else. */
const GOAL_MS = 60_000;

/** Two people who have never been here, each with a browser of their own: from the opening of both to the first message of one on the screen of the other, by a hand that loses no time. */
export async function measureMinute(/** @type {string} */ url, /** @type {number} */ runs) {
  /** @type {number[]} */
  const taken = [];
  for (let run = 0; run < runs; run += 1) {
    const channel = `minute-${run}`;
    const [ada, bob] = [await newBrowser(), await newBrowser()];
    const begun = performance.now();
    await Promise.all(
      [
        { page: ada.page, name: 'Ada' },
        { page: bob.page, name: 'Bob' },
      ].map(async ({ page, name }) => {
        await page.goto(url);
        await page.getByLabel('Your name').fill(name);
        await page.getByRole('button', { name: 'Begin' }).click();
        await page.locator('.self-name').waitFor();
      }),
    );
    await ada.page.getByRole('button', { name: 'Create a channel' }).first().click();
    await ada.page.getByRole('dialog').getByLabel('Name').fill(channel);
    await ada.page.getByRole('button', { name: 'Create', exact: true }).click();
    await bob.page.getByRole('button', { name: 'Find a channel' }).first().click();
    await bob.page.getByLabel('Find by name').fill(channel);
    await bob.page.getByRole('button', { name: `Join ${channel}`, exact: true }).click();
    await ada.page.locator('textarea').fill('Is anybody there?');
    await ada.page.keyboard.press('Enter');
    await bob.page.locator('.message').filter({ hasText: 'Is anybody there?' }).waitFor();
    taken.push(performance.now() - begun);
    await Promise.all([ada.close(), bob.close()]);
  }
  print('from two newcomers to the first message that the other sees', taken, GOAL_MS);
}
