import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from 'playwright';
import { expect } from 'vitest';
import { CHROMIUM_FLAGS, ensureChromium } from '../../../scripts/lib/chromium.mjs';
import { ROOT } from '../../../scripts/lib/root.mjs';
import { Keyboard } from './keyboard.ts';

/** A machine under load takes its time. */
const PATIENCE_MS = 60_000;
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * What of a page cannot be seen, or only by scrolling sideways: each element against the part of the page that it is in, and against the window.
 * What is cut off by its own frame on purpose (with an ellipsis) ends where that ends. Code and text of the length of a line may scroll.
 */
const BEYOND = `(async () => {
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const found = new Set();
  const say = (element, what) => found.add(element.tagName.toLowerCase() + '.' + (element.getAttribute('class') ?? '') + ' ' + what + ': ' + (element.getAttribute('aria-label') ?? element.textContent).trim().slice(0, 40));
  if (document.documentElement.scrollWidth > innerWidth) found.add('the page is ' + document.documentElement.scrollWidth + ' wide');
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || element.closest('.sr-only, svg, pre')) continue;
    const box = element.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1) continue;
    const scrolls = ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
    if (scrolls && element.scrollWidth > element.clientWidth && !element.matches('input, textarea')) say(element, 'scrolls sideways');
    const frame = element.parentElement?.closest('main, nav, aside, section, article, li, [role=dialog], .popover') ?? document.body;
    let { left, right } = box;
    for (let around = element.parentElement; around && around !== frame.parentElement; around = around.parentElement) {
      if (getComputedStyle(around).overflowX === 'visible') continue;
      const edges = around.getBoundingClientRect();
      if (!element.matches('button, a, input, select, textarea')) [left, right] = [Math.max(left, edges.left), Math.min(right, edges.right)];
    }
    const edges = frame.getBoundingClientRect();
    if (right > Math.min(edges.right, innerWidth) + 1 || left < Math.max(edges.left, 0) - 1) say(element, 'goes beyond ' + frame.tagName.toLowerCase() + ' by ' + Math.round(Math.max(right - edges.right, edges.left - left, right - innerWidth)));
  }
  return [...found].slice(0, 12);
})()`;

export const PHONE = { width: 390, height: 844 } as const;

/** Undefined with a printed reason where there is no Chromium. */
export async function launch(): Promise<Browser | undefined> {
  const executablePath = await ensureChromium();
  return executablePath === undefined ? undefined : chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
}

/** The web app in a browser of its own, as a person uses it. */
export class Person {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  static async open(browser: Browser, url: string, viewport = { width: 1280, height: 800 }): Promise<Person> {
    const context = await browser.newContext({ viewport, acceptDownloads: true });
    const person = new Person(context, await context.newPage());
    await person.page.goto(url);
    return person;
  }

  /** In a browser that lets no page keep anything. `profile`: an empty folder for it. */
  static async refused(profile: string, url: string): Promise<Person> {
    const settings = join(profile, 'Default');
    mkdirSync(settings, { recursive: true });
    const block = 2;
    writeFileSync(join(settings, 'Preferences'), JSON.stringify({ profile: { default_content_setting_values: { cookies: block } } }));
    const executablePath = (await ensureChromium()) ?? '';
    const context = await chromium.launchPersistentContext(profile, { executablePath, args: CHROMIUM_FLAGS });
    const person = new Person(context, await context.newPage());
    await person.page.goto(url);
    return person;
  }

  /** Another tab of the same browser, at the same place. */
  async another(): Promise<Person> {
    const person = new Person(this.context, await this.context.newPage());
    await person.page.goto(this.page.url());
    return person;
  }

  /** The first visit. */
  async begin(name: string): Promise<void> {
    await this.page.getByLabel('Your name').fill(name);
    await this.page.getByRole('button', { name: 'Begin' }).click();
    await this.inside();
  }

  /** Resolves when the app is there, its node running. */
  async inside(): Promise<void> {
    await this.page.locator('.self-name').waitFor({ state: 'attached' });
  }

  async create(channel: string, kind: 'Public' | 'Closed' = 'Public'): Promise<void> {
    await this.page.getByRole('button', { name: 'Create a channel' }).first().click();
    await this.dialog.getByLabel('Name').fill(channel);
    await this.dialog.getByRole('radio', { name: kind }).check();
    expect(await this.faults()).toEqual([]);
    await this.dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await this.isIn(channel);
  }

  /** Invites a contact to the closed channel that is shown, whose members stand beside it from then on. */
  async invite(contact: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Show members' }).click();
    await this.page.getByRole('button', { name: 'Invite somebody' }).click();
    await this.dialog.getByRole('button', { name: `Invite ${contact}` }).click();
    // By then they are invited.
    await this.dialog
      .getByRole('button', { name: `Invite ${contact}#` })
      .and(this.page.locator('[aria-label$=again]'))
      .waitFor();
    expect(await this.faults()).toEqual([]);
    await this.dialog.getByRole('button', { name: 'Close' }).click();
  }

  /** The address at which others add this person. */
  async address(): Promise<string> {
    await this.page.getByRole('button', { name: 'Add a contact' }).first().click();
    const address = await this.dialog.locator('code').filter({ hasText: '/#/contact/' }).textContent();
    await this.dialog.getByRole('button', { name: 'Close' }).click();
    return address ?? '';
  }

  /** Has the keys rest under a passphrase, in the settings. */
  async protect(passphrase: string): Promise<void> {
    for (const label of ['Passphrase', 'Passphrase, again']) await this.page.getByLabel(label, { exact: true }).fill(passphrase);
    await this.page.getByRole('button', { name: 'Set it' }).click();
    await this.page.getByText('Your keys are now protected by this passphrase.').waitFor();
  }

  /** The code by which this browser becomes a device of somebody, in the settings. */
  async deviceCode(): Promise<string> {
    await this.settings();
    await this.page.getByRole('button', { name: 'Make this one of my devices' }).click();
    return (await this.page.locator('code').filter({ hasText: 'parley:device/' }).textContent()) ?? '';
  }

  async join(channel: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Find a channel' }).first().click();
    await this.page.getByRole('button', { name: `Join ${channel}` }).click();
    await this.isIn(channel);
  }

  /** Resolves when the conversation that is shown is this one, and can be written to: until then another one may be, which can be written to as well. */
  async isIn(channel: string): Promise<void> {
    await this.page.getByRole('heading', { name: channel, level: 1, exact: true }).waitFor({ state: 'attached' });
    await this.composer.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.keyboard.press('Enter');
  }

  message(text: string): Locator {
    return this.page.locator('.message').filter({ hasText: text });
  }

  async sees(text: string): Promise<void> {
    await this.message(text).first().waitFor();
  }

  /** To the list of channels and people, which a phone shows alone. */
  async home(): Promise<void> {
    const back = this.page.getByRole('button', { name: 'Back to the channels' });
    if (await back.isVisible()) await back.click();
  }

  settings(): Promise<void> {
    return this.page.getByRole('button', { name: 'Settings', exact: true }).click();
  }

  /** Chooses something in the menu of the conversation. */
  async inMenu(item: string): Promise<void> {
    await this.page.locator('.main-head').getByRole('button', { name: 'More' }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** Somebody among the people at the side. */
  contact(name: string): Locator {
    return this.page.locator('.people-list .channel').filter({ hasText: name });
  }

  /** Opens who somebody is. */
  async about(contact: string): Promise<void> {
    await this.contact(contact).click();
    // Of a contact there is a conversation, and they are behind a button of it.
    await this.page.getByRole('button', { name: 'About them' }).click();
    await this.dialog.locator('.safety-digits').waitFor();
  }

  /** Does, by keyboard, what is asked about before it is done; at first with the answer that changes nothing. */
  async doAsked(button: string | RegExp, question: RegExp, no: string, yes: string): Promise<void> {
    const keys = new Keyboard(this.page);
    await this.dialog.getByRole('button', { name: button, exact: true }).focus();
    await keys.press('Enter');
    await this.dialog.getByRole('group', { name: question }).waitFor();
    await keys.isAt(no);
    expect(await this.faults()).toEqual([]);
    await keys.press('Enter');
    await keys.isAt(button);
    await keys.press('Enter');
    await keys.isAt(no);
    await keys.tabTo(yes);
    await keys.press('Enter');
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  get composer(): Locator {
    return this.page.locator('textarea');
  }

  /** A picture for the README, where the run was asked for them: `PARLEY_PICTURES=1`. */
  async picture(name: string): Promise<void> {
    if (process.env.PARLEY_PICTURES === undefined) return;
    await this.page.mouse.move(0, 0);
    await this.page.waitForTimeout(500);
    await this.page.screenshot({ path: join(ROOT, 'docs/images', `${name}.png`) });
  }

  /** What of the page keeps the browser from offering to install it as an app. */
  async whyNotInstallable(): Promise<string[]> {
    const devtools = await this.context.newCDPSession(this.page);
    const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
    await devtools.detach();
    // A context of a test is a private window, which installs nothing.
    return installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
  }

  /** What is cut off, or can be reached only by scrolling sideways. */
  beyond(): Promise<string[]> {
    return this.page.evaluate<string[]>(BEYOND);
  }

  /** What axe finds against WCAG 2 A and AA in what is shown. */
  async faults(): Promise<string[]> {
    // The policy of the page keeps foreign scripts out: this one comes from the driver.
    await this.page.evaluate(readFileSync(AXE, 'utf8'));
    // What is half faded in has not the contrast that it will have.
    const moves = `document.getAnimations().some(({ playState, effect }) => playState === 'running' && effect.getComputedTiming().endTime !== Infinity)`;
    await this.page.evaluate(`(async () => { while (${moves}) await new Promise(requestAnimationFrame); })()`);
    const run = `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
      .then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' | ')))`;
    return this.page.evaluate(run);
  }
}
