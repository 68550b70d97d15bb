/**
 * Views of who is not in yet.
 *
 * @type {import('./look-people.mjs').View[]}
 */
export const GATES = [
  { name: 'welcome', path: '/?phase=new' },
  {
    name: 'restore',
    path: '/?phase=new',
    does: async (page) => page.getByText('I have a backup').click(),
  },
  { name: 'locked', path: '/?phase=locked' },
  {
    name: 'forgotten',
    path: '/?phase=locked',
    does: async (page) => {
      await page.getByRole('button', { name: 'I have forgotten it' }).click();
      await page.getByRole('button', { name: 'Restore a backup' }).waitFor();
    },
  },
  {
    name: 'forgotten-begin',
    path: '/?phase=locked',
    does: async (page) => {
      await page.getByRole('button', { name: 'I have forgotten it' }).click();
      await page.getByRole('button', { name: 'Begin anew' }).click();
      await page.getByRole('checkbox').check();
    },
  },
  {
    name: 'forgotten-restore',
    path: '/?phase=locked',
    does: async (page) => {
      await page.getByRole('button', { name: 'I have forgotten it' }).click();
      await page.getByRole('button', { name: 'Restore a backup' }).click();
      await page.getByLabel('Backup file').waitFor();
    },
  },
  { name: 'failed', path: '/?phase=failed' },
];
