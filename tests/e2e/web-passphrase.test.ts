import { describe, expect } from 'vitest';
import { Keyboard } from './lib/keyboard.ts';
import type { Person } from './lib/pages.ts';
import { setStage } from './lib/web-stage.ts';

const nameOf = (person: Person): Promise<string> => person.page.evaluate('document.querySelector(".self-name")?.textContent ?? ""');

/** Under a passphrase, and asked for it. */
async function lock(person: Person): Promise<void> {
  const { page } = person;
  await person.settings();
  await person.protect('soon to be forgotten');
  await page.reload();
  await page.getByText('Welcome back').waitFor();
}

describe('the web app under a passphrase', () => {
  let ada: Person;
  /** Ada, in another browser. */
  let again: Person;

  const { stage, it } = setStage('passphrase', async (stage) => {
    await stage.serve('hub');
    ada = await stage.person('Ada');
    await ada.create('garden');
    await ada.say('A reply');
    await ada.sees('A reply');
  });

  const backup = stage.path('backup.parley');

  it('rests under a passphrase where that is wanted', async () => {
    const channel = ada.page.url();
    await ada.settings();
    // Nobody sees what they type: a slip would lock them out.
    const again = ada.page.getByLabel('Passphrase, again', { exact: true });
    const set = ada.page.getByRole('button', { name: 'Set it' });
    await ada.page.getByLabel('Passphrase', { exact: true }).fill('correct horse battery');
    expect(await set.isDisabled()).toBe(true);
    await again.fill('correct hoarse battery');
    await ada.page.getByText('The two are not the same.').waitFor();
    expect(await set.isDisabled()).toBe(true);
    expect(await ada.faults()).toEqual([]);
    await again.fill('correct horse battery');
    await set.click();
    await ada.page.getByText('Your keys are now protected by this passphrase.').waitFor();
    expect(await ada.faults()).toEqual([]);
    await ada.page.goto(channel);
    await ada.page.reload();
    await ada.page.getByText('Welcome back').waitFor();
    const passphrase = ada.page.getByLabel('Passphrase');
    const refused = ada.page.getByRole('alert').getByText('That passphrase is not right.', { exact: true });
    await passphrase.fill('wrong');
    await ada.page.getByRole('button', { name: 'Unlock' }).click();
    await refused.waitFor();
    expect(await passphrase.inputValue()).toBe('');
    await passphrase.fill('wrong again');
    await ada.page.getByRole('button', { name: 'Unlock' }).click();
    // Whoever sees the slip types on while the first one is being tried.
    await passphrase.fill('correct horse battery');
    await refused.waitFor();
    await ada.page.getByRole('button', { name: 'Unlock' }).click();
    await ada.sees('A reply');
  });

  it('moves to another browser in one encrypted file', async () => {
    await ada.settings();
    await ada.page.getByLabel('Passphrase for the file', { exact: true }).fill('another passphrase');
    await ada.page.getByLabel('Passphrase for the file, again').fill('another passphrase');
    const [download] = await Promise.all([
      ada.page.waitForEvent('download'),
      ada.page.getByRole('button', { name: 'Download a backup' }).click(),
    ]);
    await download.saveAs(backup);
    const before = await nameOf(ada);
    await ada.context.close();
    again = await stage.open();
    await again.page.getByRole('button', { name: 'I have a backup' }).click();
    await again.page.getByLabel('Backup file').setInputFiles(backup);
    await again.page.getByLabel('Passphrase of the backup').fill('another passphrase');
    await again.page.getByRole('button', { name: 'Restore' }).click();
    await again.inside();
    expect(await nameOf(again)).toBe(before);
    expect(again.complaints).toEqual([]);
  });

  it('has two ways for whoever has forgotten the passphrase: a backup, or a new beginning', async () => {
    const { page } = again;
    const name = await nameOf(again);
    const forget = (): Promise<void> => page.getByRole('button', { name: 'I have forgotten it' }).click();
    await lock(again);
    await forget();
    await page.getByText('Each of them erases what is here').waitFor();
    expect(await again.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Back to the passphrase' }).click();
    // By keyboard one is at what is to be read, and goes on from there.
    const keys = new Keyboard(page);
    await keys.isAt('Passphrase');
    await keys.tabTo('I have forgotten it');
    await keys.press('Enter');
    await keys.isAt('Without the passphrase');
    await keys.tabTo('Restore a backup…');
    await keys.press('Enter');
    await keys.isAt('Bring back what is yours');
    await page.getByLabel('Backup file').setInputFiles(backup);
    expect(await again.faults()).toEqual([]);
    const restore = async (passphrase: string): Promise<void> => {
      await page.getByLabel('Passphrase of the backup').fill(passphrase);
      await page.getByRole('button', { name: 'Erase what is here, and restore' }).click();
    };
    await restore('not that of the file');
    await page.getByText('That passphrase is not right. What is here stays as it is.').waitFor();
    await restore('another passphrase');
    await again.inside();
    expect(await nameOf(again)).toBe(name);

    await lock(again);
    await forget();
    await page.getByRole('button', { name: 'Begin anew' }).click();
    const erase = page.getByRole('button', { name: 'Erase everything here' });
    expect(await erase.isDisabled()).toBe(true);
    expect(await again.faults()).toEqual([]);
    await page.getByRole('checkbox', { name: 'lost for ever' }).check();
    await erase.click();
    await again.begin('Adele');
    expect(again.complaints).toEqual([]);
  });
});
