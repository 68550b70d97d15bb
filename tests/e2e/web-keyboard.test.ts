import { describe, expect } from 'vitest';
import { Keyboard } from './lib/keyboard.ts';
import { setStage } from './lib/web-stage.ts';

/** The screen of a machine that is busy: what waits for its next picture waits so long. */
const LATE_FRAMES = 'const soon = requestAnimationFrame; globalThis.requestAnimationFrame = (run) => setTimeout(() => soon(run), 700)';

/** The last letter of a word and Enter, with no time between them for a page that puts off what it can. */
const LETTER_AND_ENTER = `(async () => {
  const input = document.activeElement;
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, input.value + 'e');
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  for (let turn = 0; turn < 10; turn++) await undefined;
  input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
})()`;

/** The names that buttons with a picture show beside themselves. */
const TIPS = `[...document.querySelectorAll('[data-tip]')]
  .filter((button) => !['none', 'normal'].includes(getComputedStyle(button, '::after').content)).map((button) => button.dataset.tip)`;

describe('the web app by keyboard', () => {
  const { stage, it } = setStage('keyboard', async (stage) => {
    await stage.serve('hub');
  });

  it('has the focus where it leads at once, for whoever types faster than the screen draws', async () => {
    const kim = await stage.person('Kim');
    const keys = new Keyboard(kim.page);
    await kim.create('haste');
    for (const text of ['One', 'Two']) {
      await kim.say(text);
      await kim.sees(text);
    }
    await kim.page.evaluate(LATE_FRAMES);

    await keys.tabTo('Messages in haste', 'Shift+Tab');
    for (const key of ['ArrowUp', 'ArrowUp', 'r']) await keys.press(key);
    await keys.type('Three');
    await keys.press('Enter');
    await kim.message('Three').locator('.quote').filter({ hasText: 'One' }).waitFor();

    await keys.tabTo('Emoji');
    await keys.press('Enter');
    await keys.isAt('Search emoji by name');
    // Of what is called `fir…` the fire is not the first.
    await keys.type('fir');
    await kim.page.locator('.emoji-grid').getByRole('button', { name: 'firefighter', exact: true }).waitFor();
    await kim.page.evaluate(LETTER_AND_ENTER);
    await keys.type(' off');
    expect(await kim.composer.inputValue()).toBe('🔥 off');
    expect(kim.complaints).toEqual([]);
    await kim.context.close();
  });

  it('tells the name of a button to whoever points or walks to it, and to nobody any more once it is pressed or left', async () => {
    const tia = await stage.person('Tia');
    const keys = new Keyboard(tia.page);
    const tips = (): Promise<string[]> => tia.page.evaluate<string[]>(TIPS);
    await tia.create('tips');
    await tia.say('One');
    await tia.sees('One');

    const message = tia.message('One').first();
    const react = message.getByRole('button', { name: 'React' });
    await message.hover();
    await react.hover();
    expect(await tips()).toEqual(['React']);
    await react.click();
    await tia.page.getByLabel('Search emoji by name').waitFor();
    expect(await tips()).toEqual([]);
    await tia.page.mouse.move(600, 300);
    // The button has the focus back; nobody points at it, and nobody has walked there.
    await keys.press('Escape');
    await keys.isAt('React');
    expect(await tips()).toEqual([]);
    await keys.press('Tab');
    await keys.isAt('Reply');
    expect(await tips()).toEqual(['Reply (R)']);
    await keys.press('Shift+Tab');
    expect(await tips()).toEqual(['React']);
    await keys.press('Escape');
    expect(await tips()).toEqual([]);
    await message.hover();
    await react.hover();
    expect(await tips()).toEqual(['React']);
    expect(tia.complaints).toEqual([]);
    await tia.context.close();
  });

  it('is used by keyboard alone, which is seen wherever it is', async () => {
    const kay = await stage.open();
    const keys = new Keyboard(kay.page);
    await keys.isAt('Your name');
    await keys.type('Kay');
    await keys.press('Enter');
    await kay.inside();

    await keys.tabTo('Create a channel');
    await keys.press('Enter');
    await keys.isAt('Name');
    await keys.press('Escape');
    await keys.isAt('Create a channel');
    await keys.press('Enter');
    await keys.isAt('Name');
    await keys.type('keys');
    await keys.press('Enter');
    await keys.isAt(/^Message/);
    for (const text of ['One', 'Two']) {
      await keys.type(text);
      await keys.press('Enter');
      await kay.sees(text);
    }

    // Up in the messages, an answer and a reaction.
    await keys.tabTo('Messages in keys', 'Shift+Tab');
    await keys.press('ArrowUp');
    await keys.isAt(/^Kay\b.*, /);
    await keys.press('ArrowUp');
    await keys.press('r');
    await keys.isAt(/^Message/);
    await keys.type('Three');
    await keys.press('Enter');
    await kay.message('Three').locator('.quote').filter({ hasText: 'One' }).waitFor();
    // The keyboard was at the first one, and goes on from there.
    await keys.tabTo('Messages in keys', 'Shift+Tab');
    await keys.press('ArrowUp');
    await keys.isAt(/^Kay\b.*, /);
    await keys.press('ArrowDown');
    await keys.press('ArrowDown');
    await keys.isAt(/^Kay\b.*, /);
    await keys.tabTo('React');
    await keys.press('Enter');
    await keys.isAt('Search emoji by name');
    await keys.press('Escape');
    await keys.isAt('React');
    await keys.press('Enter');
    await keys.isAt('Search emoji by name');
    await keys.type('rocket');
    await keys.press('ArrowDown');
    await keys.isAt(/rocket/);
    await keys.press('Enter');
    await kay.page.locator('.reaction').first().waitFor();
    await keys.isAt('React');

    // What a message is, and back to it.
    await keys.tabTo(/^Kay\b.*, /, 'Shift+Tab');
    await keys.press('d');
    await kay.page.getByRole('complementary', { name: 'Details of the message' }).waitFor();
    await keys.press('Escape');
    await keys.isAt(/^Kay\b.*, /);

    // Each view, and back.
    await keys.press('Control+Shift+F');
    await keys.isAt('Search messages');
    await keys.type('Two');
    await kay.page.getByRole('button', { name: 'Go there' }).waitFor();
    await keys.tabTo('Go there');
    await keys.press('Enter');
    await keys.isAt(/^Message/);
    await keys.press('Control+k');
    await keys.isAt('Go to a channel, a person or an action');
    await keys.type('create');
    await keys.press('Enter');
    await keys.isAt('Name');
    await keys.press('Escape');
    await keys.isAt(/^Message/);
    await keys.press('Control+,');
    await keys.isAt('Settings');
    await keys.tabTo('Your name');
    // What was pressed has the focus also while it is at work, and when there is nothing more to do.
    await keys.tabTo('Passphrase for the file');
    await keys.type('nine times nine');
    await keys.tabTo('Passphrase for the file, again');
    await keys.type('nine times nine');
    await keys.tabTo('Download a backup');
    const saved = kay.page.waitForEvent('download');
    await keys.press('Enter');
    await keys.isAt(/^(Encrypting…|Download a backup)$/);
    await saved;
    await kay.page.getByText('Keep the file somewhere safe').waitFor();
    await keys.isAt('Download a backup');
    await keys.press('Escape');
    await keys.isAt(/^Message/);
    await keys.press('Control+k');
    await keys.isAt('Go to a channel, a person or an action');
    await keys.type('network');
    await keys.press('Enter');
    await keys.isAt('The network as lists');
    await keys.tabTo(/^hub/);
    await keys.press('Enter');
    await keys.isAt(/^About them/);
    await keys.press('Escape');
    await keys.isAt(/^hub/);
    await keys.press('Escape');
    await keys.isAt(/^Message/);
    await keys.press('Control+/');
    await keys.isAt(/Keyboard|Close/);
    await keys.press('Escape');
    await keys.isAt(/^Message/);
    expect(kay.complaints).toEqual([]);
    await kay.context.close();
  });
});
