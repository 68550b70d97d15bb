import { describe, expect } from 'vitest';
import { objects, parley, until } from './lib/cli.ts';
import { type Mark, NetworkMap } from './lib/network-map.ts';
import { Person, PHONE } from './lib/pages.ts';
import { type Started, setStage } from './lib/web-stage.ts';

/** Two servers with a link between them; the page of each; and a terminal node at the second. */
describe('the web app', () => {
  let hub: Started;
  let far: Started;
  let ada: Person;
  let bob: Person;

  const { stage, it } = setStage('e2e', async (stage) => {
    hub = await stage.serve('hub');
    far = await stage.serve('far', '--connect', hub.ready.tls);
    await stage.run('node', '--data', stage.path('term'), '--name', 'term', '--connect', far.ready.tls, '--lan', 'off');
  });

  const term = stage.path('term');

  /** Reads a channel of the terminal node until it has a text. */
  async function terminalReads(text: string): Promise<void> {
    await until(
      () => parley(['read', 'garden', '--json', '--data', term]),
      (read) => objects<{ text: string }>(read).some((message) => message.text === text),
    );
  }

  it('lets a person in with a name alone, on a phone too', async () => {
    ada = await stage.open();
    bob = await stage.open({ http: far.ready.http, viewport: PHONE });
    expect(await ada.faults()).toEqual([]);
    expect(await ada.whyNotInstallable()).toEqual([]);
    await ada.begin('Ada');
    await bob.begin('Bob');
    expect(await ada.faults()).toEqual([]);
    expect(await bob.faults()).toEqual([]);
  });

  it('has two browsers and a terminal talk in one channel, across two servers', async () => {
    await ada.create('garden');
    await bob.join('garden');
    await until(
      () => parley(['channels', 'join', 'garden', '--data', term]),
      ({ code }) => code === 0,
    );
    await ada.page.getByText(/\b3\b/).first().waitFor();
    await ada.say('Hello **from** a tab');
    await bob.sees('Hello from a tab');
    await terminalReads('Hello **from** a tab');
    await bob.composer.fill('And back, on a phone');
    await bob.page.getByRole('button', { name: 'Send' }).click();
    await ada.sees('And back, on a phone');
    expect((await parley(['send', 'garden', 'Greetings from the terminal', '--data', term])).code).toBe(0);
    await ada.sees('Greetings from the terminal');
    await bob.sees('Greetings from the terminal');
    expect(await ada.faults()).toEqual([]);
    expect(await bob.faults()).toEqual([]);
  });

  it('answers a message with a quote of it, and shows that it was delivered', async () => {
    const message = ada.message('on a phone').first();
    await message.hover();
    await message.getByRole('button', { name: 'Reply' }).click();
    await ada.say('A reply');
    await bob.page.locator('.quote').filter({ hasText: 'on a phone' }).first().waitFor();
    await ada.message('A reply').first().locator('.delivery-delivered').waitFor();
    await ada.picture('web');
    await bob.picture('web-phone');
  });

  it('shows what others write as text, whatever it is', async () => {
    const hostile =
      '<img src=x onerror="document.title=\'owned\'"> [click](javascript:alert(1)) <script>document.title="owned"</script> \u202Eesrever';
    const tower = `tower${'\u0300'.repeat(500)}`;
    const word = `longest${'w'.repeat(64 * 1024 - 7)}`;
    for (const text of [hostile, tower, word]) expect((await parley(['send', 'garden', text, '--data', term])).code).toBe(0);
    for (const begin of ['<img src=x onerror=', 'tower', 'longestwww']) await ada.sees(begin);
    // None is wider than its place.
    expect(await ada.page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await ada.message('<img src=x').locator('img, script, a[href^="javascript:"]').count()).toBe(0);
    expect(await ada.page.title()).not.toContain('owned');
  });

  it('keeps everything over a reload', async () => {
    await ada.page.reload();
    await ada.inside();
    await ada.sees('A reply');
    await ada.sees('Greetings from the terminal');
  });

  it('draws the network, with an accessible list of it, and a mark that moves where a message does', async () => {
    const channel = ada.page.url();
    await ada.page.getByRole('button', { name: 'Network', exact: true }).click();
    const row = ada.page.locator('.network-rows li').first();
    await row.waitFor();
    expect(await row.textContent()).toMatch(/hub.*\d+ ms/);
    expect(await ada.faults()).toEqual([]);
    await ada.picture('web-network');
    const map = await NetworkMap.of(ada.page);
    expect((await map.links()).map(({ from, to }) => [from, to])).toEqual([['Ada', 'hub']]);
    for (const { label } of await map.links()) expect(label).toMatch(/^\d+ ms$/);
    await bob.composer.fill('A mark on the map');
    await bob.page.getByRole('button', { name: 'Send' }).click();
    // It comes from the server, and what acknowledges it goes there.
    const moved = (from: string, to: string) => (marks: readonly Mark[]) =>
      marks.some((mark) => mark.from === from && mark.to === to && mark.places > 2);
    await until(() => map.marks(), moved('hub', 'Ada'));
    await until(() => map.marks(), moved('Ada', 'hub'));
    await ada.page.goto(channel);
    await ada.sees('A mark on the map');
  });

  it('names the nodes that passed a message on, in their order, and shows them in the network', async () => {
    const message = ada.message('A mark on the map');
    await message.hover();
    await message.getByRole('button', { name: 'More' }).click();
    await ada.page.getByRole('menuitem', { name: 'Details' }).click();
    // Of a server that is no neighbour, and has said nothing, only the id is known.
    const distant = far.ready.node_id.replaceAll('-', '').slice(0, 10);
    const way = [/^Bob/, distant, /^hub/, 'this browser'];
    const names = (): Promise<string[]> => ada.page.locator('ol.way li').allTextContents();
    await ada.page.locator('ol.way li').first().waitFor();
    expect(await names()).toEqual(way.map((name) => expect.stringMatching(name)));
    const channel = ada.page.url();
    await ada.page.getByRole('button', { name: 'Show it in the network' }).click();
    await ada.page.getByRole('heading', { name: 'The way of a message' }).waitFor();
    expect(await names()).toEqual(way.map((name) => expect.stringMatching(name)));
    expect(await ada.faults()).toEqual([]);
    const map = await NetworkMap.of(ada.page);
    expect(await map.way()).toEqual(['Bob', distant, 'hub', 'Ada']);
    await ada.page.goto(channel);
    await ada.page.getByRole('button', { name: 'Close details' }).click();
  });

  it('takes what is written while its server is down, and delivers it when the server is back', async () => {
    await hub.process.stop('SIGKILL');
    await ada.page.getByText('No server can be reached.').waitFor();
    await ada.say('Written without a server');
    await ada.sees('Written without a server');
    // What was loaded once works without a server, from the first byte on.
    await ada.page.reload();
    await ada.sees('Written without a server');
    await ada.sees('A reply');
    await ada.message('Written without a server').first().locator('.delivery-sending').waitFor();
    hub = await stage.serve('hub', '--tls', hub.ready.tls, '--http', hub.ready.http.replace('http://', ''));
    await bob.sees('Written without a server');
    // A receipt that finds no way back at first, since routes that came and went are told later, is asked for again.
    await ada.message('Written without a server').first().locator('.delivery-delivered').waitFor({ timeout: 180_000 });
    expect(await bob.message('Written without a server').count()).toBe(1);
  });

  it('says what is the matter where the browser lets no page keep anything', async () => {
    const person = await Person.refused(stage.path('profile'), hub.ready.http);
    await person.page.getByText('This browser does not let Parley keep anything.').waitFor();
    expect(await person.faults()).toEqual([]);
    await person.context.close();
  });
});
