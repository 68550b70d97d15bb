import { execFileSync } from 'node:child_process';
import { connect } from 'node:tls';
import { type Browser, chromium } from 'playwright';
import { describe, expect } from 'vitest';
import { CHROMIUM_FLAGS, ensureChromium } from '../../scripts/lib/chromium.mjs';
import { until } from './lib/cli.ts';
import type { Person } from './lib/pages.ts';
import { type RawTab, RawTabs } from './lib/raw-tabs.ts';
import { type Stage, setStage } from './lib/web-stage.ts';

/** Longer than a link without a sign of life is kept. */
const HIDDEN_MS = 60_000;
/** The switch for notifications. */
const NOTIFY = `[...document.querySelectorAll('label.check')].find((one) => one.textContent.startsWith('Tell me when'))?.querySelector('input')`;
/** What the driver switches off, and a hidden tab has: late timers. After ten seconds they wake once a minute. */
const THROTTLED = ['--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding', '--disable-background-timer-throttling'];
const SOON = '--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10';

/** Hidden tabs are as they are for people, and certificates that nobody knows are taken. */
async function launch(): Promise<Browser | undefined> {
  const executablePath = await ensureChromium();
  if (executablePath === undefined) return undefined;
  const args = [...CHROMIUM_FLAGS, SOON, '--ignore-certificate-errors'];
  return chromium.launch({ executablePath, args, ignoreDefaultArgs: THROTTLED });
}

/** Self-signed, for 127.0.0.1, in these files; whether there is openssl to make it. */
function certificate(cert: string, key: string): boolean {
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  try {
    // Browsers take no Ed25519 of a server.
    const algorithm = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
    execFileSync('openssl', ['req', '-x509', ...algorithm, '-nodes', '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Fingerprint of the certificate that a server shows. */
function shownBy(url: string): Promise<string | undefined> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256);
      socket.destroy();
    });
  });
}

describe('tabs of one browser', () => {
  let bob: Person;
  let tabs: RawTabs;
  let hidden: RawTab;
  let hiddenSince = 0;

  const prepare = async (stage: Stage): Promise<void> => {
    await stage.serve('hub');
    bob = await stage.person('Bob');
    await bob.create('garden');
    // Out of sight while everything else goes on.
    tabs = await RawTabs.open(stage.browser);
    await tabs.permit(stage.http, 'notifications');
    hidden = await tabs.tab(stage.http);
    await hidden.watchNotices();
    await hidden.begin('Dora');
    await hidden.evaluate(`location.hash = ${JSON.stringify(new URL(bob.page.url()).hash)}`);
    await hidden.click('.join-bar button');
    await hidden.until(`document.querySelector('textarea')`);
    const garden = await hidden.evaluate<string>('location.hash');
    await hidden.evaluate(`location.hash = '#/settings'`);
    await hidden.until(NOTIFY);
    await hidden.evaluate(`${NOTIFY}.click()`);
    await hidden.until(`${NOTIFY}.checked`);
    await hidden.evaluate(`location.hash = ${JSON.stringify(garden)}`);
    await hidden.until(`document.querySelector('textarea')`);
    await (await tabs.tab('about:blank')).toFront();
    await hidden.evaluate(`(() => {
      globalThis.offline = 0;
      new MutationObserver(() => { offline += Number(document.body.textContent.includes('No server can be reached')); })
        .observe(document.body, { childList: true, subtree: true });
    })()`);
    hiddenSince = performance.now();
  };
  const { stage, it } = setStage('tabs', prepare, launch);

  it('go on when the one that leads is closed in the middle of a conversation: nothing is lost, and nothing comes twice', async () => {
    const ada = await stage.person('Ada');
    await ada.join('garden');
    const second = await ada.another();
    await second.inside();
    const texts = Array.from({ length: 12 }, (_, number) => `line ${number} of Ada`);
    for (const [number, text] of texts.entries()) {
      await second.say(text);
      if (number === 5) await ada.page.close();
    }
    for (const text of texts) await bob.sees(text);
    const shown = (person: Person): Promise<string[]> =>
      person.page.locator('.message .text').filter({ hasText: 'of Ada' }).allTextContents();
    expect(await shown(bob)).toEqual(texts);
    // What it shows it asks for anew when it leads.
    await expect.poll(() => shown(second), { timeout: 60_000 }).toEqual(texts);
    await bob.say('Still there?');
    await second.sees('Still there?');
    expect(second.complaints).toEqual([]);
    await second.context.close();
  });

  it('go on when the one that leads is frozen, and it joins in again when it is not', async () => {
    const tabs = await RawTabs.open(stage.browser);
    const leading = await tabs.tab(stage.http);
    await leading.begin('Cleo');
    const garden = new URL(bob.page.url()).hash;
    await leading.evaluate(`location.hash = ${JSON.stringify(garden)}`);
    await leading.click('.join-bar button');
    await leading.say('before the frost');
    await bob.sees('before the frost');
    const following = await tabs.tab(`${stage.http}/${garden}`);
    await following.sees('before the frost');
    await following.toFront();
    await leading.freeze(true);
    await following.say('during the frost');
    await bob.sees('during the frost');
    await bob.say('an answer in the frost');
    await following.sees('an answer in the frost');
    await leading.freeze(false);
    await leading.toFront();
    await leading.sees('an answer in the frost');
    expect(await leading.count('an answer in the frost')).toBe(1);
    await leading.say('after the frost');
    await following.toFront();
    for (const text of ['before the frost', 'during the frost', 'an answer in the frost', 'after the frost']) {
      await following.sees(text);
      expect(await following.count(text)).toBe(1);
      expect(await bob.page.locator('.message .text').getByText(text, { exact: true }).count()).toBe(1);
    }
  });

  it('talk over wss: where the page came by https:, and go on when its certificate is renewed', async ({ skip }) => {
    const [cert, key] = [stage.path('cert.pem'), stage.path('key.pem')];
    skip(!certificate(cert, key), 'openssl is missing');
    const started = await stage.serve('secure', '--http-cert', cert, '--http-key', key);
    const secure = started.ready.http;
    expect(secure).toMatch(/^https:/);
    const [emil, fay] = [await stage.person('Emil', { http: secure }), await stage.person('Fay', { http: secure })];
    await emil.create('cellar');
    await fay.join('cellar');
    await emil.say('over TLS');
    await fay.sees('over TLS');
    const cellar = fay.page.url();
    await fay.settings();
    const own = fay.page.getByText(`${secure.replace('https', 'wss')}/link`).first();
    await own.waitFor();
    await fay.page.getByText('connected').first().waitFor();
    const before = await shownBy(secure);
    certificate(cert, key);
    process.kill(started.process.pid, 'SIGHUP');
    await until(
      () => shownBy(secure),
      (shown) => shown !== before,
    );
    // Whoever is there stays.
    await emil.say('and on under the next certificate');
    await fay.page.goto(cellar);
    await fay.sees('and on under the next certificate');
    expect([...emil.complaints, ...fay.complaints]).toEqual([]);
  });

  it('keep their links while they are hidden, and take in what comes', async () => {
    await bob.page.waitForTimeout(Math.max(0, HIDDEN_MS - (performance.now() - hiddenSince)));
    expect(await hidden.evaluate('document.visibilityState')).toBe('hidden');
    const title = await hidden.evaluate<string>('document.title');
    await bob.say('Are you still there?');
    // A hidden page draws nothing, but its title says what has come.
    await hidden.until(`document.title !== ${JSON.stringify(title)}`);
    expect(await hidden.evaluate('offline')).toBe(0);
  });

  it('notify of what names their user while they are hidden, in words that cannot act', async () => {
    await bob.say('Nobody is named');
    await bob.say('<b>Dora</b>, look at this');
    await until(
      () => Promise.resolve(tabs.notices),
      (shown) => shown.length > 0,
    );
    expect(tabs.notices).toEqual([[expect.stringMatching(/^Bob#\w{4} in #garden$/), '<b>Dora</b>, look at this']]);
  });
});
