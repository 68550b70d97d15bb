import { readFileSync } from 'node:fs';
import type { Locator } from 'playwright';
import { describe, expect } from 'vitest';
import { Keyboard } from './lib/keyboard.ts';
import { type Person, PHONE } from './lib/pages.ts';
import { setStage } from './lib/web-stage.ts';

/** A picture of one pixel. */
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

/** Half a second of silence: 8-bit PCM, 8 kHz. */
function wav(): Buffer {
  const samples = Buffer.alloc(4000, 128);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  for (const [at, value] of [
    [16, 16],
    [24, 8000],
    [28, 8000],
  ] as const)
    head.writeUInt32LE(value, at);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 1],
    [34, 8],
  ] as const)
    head.writeUInt16LE(value, at);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** Chooses something in the menu of a message. */
async function choose({ page }: Person, message: Locator, item: string): Promise<void> {
  await message.hover();
  await message.getByRole('button', { name: 'More', exact: true }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

describe('messages in the web app', () => {
  let ann: Person;
  let ben: Person;

  const { it } = setStage('acts', async (stage) => {
    await stage.serve('hub');
    ann = await stage.person('Ann');
    await ann.create('garden');
    ben = await stage.person('Ben', { viewport: PHONE });
    await ben.join('garden');
  });

  it('are reacted to, edited, pinned, forwarded and deleted, and both see it', async () => {
    await ann.say('The beens are up');
    await ben.sees('The beens are up');
    const [hers, his] = [ann.message('are up').first(), ben.message('are up').first()];

    await his.hover();
    await his.getByRole('button', { name: 'React' }).click();
    await ben.page.getByLabel('Search emoji by name').fill('party popper');
    await ben.page.locator('.emoji-grid button').first().click();
    await hers.getByRole('button', { name: /🎉, 1: Ben/ }).click();
    await his.getByRole('button', { name: /🎉, 2: Ben, Ann/ }).waitFor();
    await hers.getByRole('button', { name: /🎉, 2/ }).click();
    await his.getByRole('button', { name: /🎉, 1: Ben/ }).waitFor();

    // With nothing written, the arrow goes to what was said last.
    await ann.composer.fill('');
    await ann.composer.press('ArrowUp');
    await expect.poll(() => ann.composer.inputValue(), { timeout: 30_000 }).toBe('The beens are up');
    await ann.composer.fill('The beans are up');
    await ann.composer.press('Enter');
    await ben.sees('The beans are up');
    await his.getByText('edited').waitFor();
    expect(await ben.message('beens').count()).toBe(0);
    expect(await ann.composer.inputValue()).toBe('');

    // What was written before is there when that is done, wherever one goes meanwhile, and so is what was changed.
    await ann.composer.fill('A draft');
    await choose(ann, hers, 'Edit');
    await ann.composer.fill('The beans are up, all of them');
    await ann.settings();
    await ann.page.goBack();
    await ann.page.getByText('Editing your message').waitFor();
    expect(await ann.composer.inputValue()).toBe('The beans are up, all of them');
    await ann.composer.press('Escape');
    expect(await ann.composer.inputValue()).toBe('A draft');
    await choose(ann, hers, 'Edit');
    expect(await ann.composer.inputValue()).toBe('The beans are up');
    await ann.composer.press('Escape');
    await ann.composer.fill('');

    await choose(ann, hers, 'Pin');
    await his.getByLabel('pinned').waitFor();
    await ann.inMenu('Pinned messages');
    await ann.page.getByLabel('Pinned messages').getByText('The beans are up').waitFor();
    expect([...(await ann.faults()), ...(await ben.faults())]).toEqual([]);

    await choose(ben, his, 'Forward…');
    const dialog = ben.page.getByRole('dialog');
    const keys = new Keyboard(ben.page);
    await dialog.getByRole('button', { name: 'garden' }).focus();
    await keys.press('Enter');
    // What goes where, before it goes; and it may go elsewhere after all.
    await dialog.getByRole('heading', { name: 'Forward to #garden?' }).waitFor();
    await dialog.locator('blockquote').getByText('The beans are up').waitFor();
    await dialog.getByText('The channel is public').waitFor();
    expect(await ben.faults()).toEqual([]);
    await keys.isAt('Forward');
    await keys.tabTo('Choose another', 'Shift+Tab');
    await keys.press('Enter');
    await keys.isAt('garden');
    await keys.press('Enter');
    await keys.isAt('Forward');
    await keys.press('Enter');
    await ann.page.locator('.message blockquote').getByText('The beans are up').waitFor();

    await choose(ann, hers, 'Delete…');
    await ann.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await ben.page.getByText('This message was deleted.').waitFor();
    await ann.page.getByText('Nothing is pinned in this channel.').waitFor();
    await ann.page.reload();
    await ann.inside();
    await ann.page.getByText('This message was deleted.').waitFor();
    await ann.say('Nothing is amiss');
    // Acts take numbers too: they leave no gap.
    for (const person of [ann, ben]) {
      await person.sees('Nothing is amiss');
      expect(await person.page.locator('.gap').count()).toBe(0);
    }
  });

  it('carry files: pictures, sound and text are shown, everything else is only saved', async () => {
    const files = [
      { name: 'bean.png', mimeType: 'image/png', buffer: PNG },
      { name: 'song.wav', mimeType: 'audio/wav', buffer: wav() },
      { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('water them\u202e daily') },
      { name: 'fake.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="document.title = 1"/>') },
      { name: 'evil.html', mimeType: 'text/html', buffer: Buffer.from('<script>document.title = "owned"</script>') },
    ];
    await ann.page.locator('input[type=file]').setInputFiles(files);
    await ann.page.getByLabel('Files to send').getByText('evil.html').waitFor();
    await ann.say('Look');
    const message = ben.message('Look').first();
    await message.getByAltText('bean.png').waitFor();
    const page = (expression: string): Promise<unknown> => ben.page.evaluate(expression);
    await ben.page.waitForFunction(`document.querySelector('.attachment-image').naturalWidth === 1`);
    await page(`new Promise((resolve, reject) => {
      const sound = document.querySelector('audio');
      if (sound.readyState > 0) return resolve();
      sound.onloadedmetadata = () => resolve();
      sound.onerror = () => reject(new Error('it does not play'));
      sound.load();
    })`);
    await message.getByText('water them[U+202E] daily').waitFor();
    await message.getByText('it is not what its sender says that it is (image/png)').waitFor();
    expect(await message.getByAltText('fake.png').count()).toBe(0);
    const [download] = await Promise.all([
      ben.page.waitForEvent('download'),
      message.getByRole('button', { name: 'Save evil.html' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('evil.html');
    expect(readFileSync(await download.path(), 'utf8')).toContain('owned');
    expect(await ben.page.title()).not.toContain('owned');
    expect([...(await ann.faults()), ...(await ben.faults())]).toEqual([]);
  });

  it('carry files that are too large for a message, which are read first, and come and are saved by themselves', async () => {
    const files = ['one.bin', 'two.bin'].map((name, at) => ({ name, mimeType: '', buffer: Buffer.alloc(200 * 1024, at + 1) }));
    await ann.page.locator('input[type=file]').setInputFiles(files);
    const chosen = ann.page.getByLabel('Files to send');
    await chosen.getByText('two.bin').waitFor();
    // Whoever leaves before all of it was read has to choose it again.
    await ann.page.getByRole('button', { name: 'Send', exact: true, disabled: false }).waitFor();
    // They are the node's by then, and wait for the message over a reload.
    await ann.page.reload();
    await ann.inside();
    await chosen.getByText('one.bin').waitFor();
    await chosen.getByText('two.bin').waitFor();
    await ann.say('Two files');
    await chosen.waitFor({ state: 'detached' });
    const save = ben.message('Two files').first().getByRole('button', { name: 'Save two.bin' });
    const [download] = await Promise.all([ben.page.waitForEvent('download'), save.click()]);
    expect(download.suggestedFilename()).toBe('two.bin');
    expect(readFileSync(await download.path()).equals(files[1]?.buffer ?? Buffer.alloc(0))).toBe(true);

    // Whoever needs the room removes what is too large for a message, and may fetch it again.
    await ben.message('Two files').first().getByRole('button', { name: 'Remove two.bin from this device' }).click();
    await ben.page.getByRole('dialog').getByText('you can fetch it again').waitFor();
    expect(await ben.faults()).toEqual([]);
    await ben.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await ben.message('Two files').first().getByRole('button', { name: 'Fetch two.bin' }).click();
    await save.waitFor().catch(async (cause: unknown) => {
      throw new Error(`two.bin did not come again: ${await ben.message('Two files').first().innerText()}`, { cause });
    });
    expect([...ann.complaints, ...ben.complaints]).toEqual([]);
  });
});
