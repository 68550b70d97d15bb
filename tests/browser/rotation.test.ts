import type { Parley } from '@parley/browser';
import { describe, expect, it } from 'vitest';
import { start, until } from './lib/nodes.ts';
import { openPage } from './lib/pages.ts';
import { failure, newBrowser, phase, tab } from './lib/parley.ts';

/** What a browser keeps of identities, by key of the row. */
async function kept(name: string): Promise<Map<string, { readonly encrypted: boolean; readonly certificate: Uint8Array }>> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  try {
    const store = database.transaction('identity').objectStore('identity');
    const [keys, rows] = await Promise.all(
      [store.getAllKeys(), store.getAll()].map(
        (request) => new Promise<unknown[]>((resolve) => request.addEventListener('success', () => resolve(request.result))),
      ),
    );
    return new Map((keys ?? []).map((key, i) => [key as string, rows?.[i] as never]));
  } finally {
    database.close();
  }
}

async function befriend(one: Parley, other: Parley): Promise<void> {
  const { key } = await one.node.status();
  await one.node.addContact(await other.node.contactLink());
  await until(async () => (await other.node.contacts()).some((contact) => contact.key === key), 'somebody asks');
  await other.node.acceptContact(key);
  await until(async () => (await one.node.contacts()).every(({ state }) => state === 'accepted'), 'both are contacts');
}

const texts = async (parley: Parley, channel: string): Promise<string[]> =>
  (await parley.node.messages(channel, {})).map(({ text }) => text);

/** A conversation is there a moment after both have said yes, and after a key was believed. */
const saw = (parley: Parley, channel: string, text: string): Promise<void> =>
  until(async () => (await texts(parley, channel).catch((): string[] => [])).includes(text), `it has come: ${text}`);

const say = (parley: Parley, channel: string, text: string): Promise<void> =>
  until(
    () =>
      parley.node.send(channel, text).then(
        () => true,
        () => false,
      ),
    `it can be said: ${text}`,
  );

const told = async (parley: Parley): Promise<boolean> => (await parley.node.rotation())?.contacts.every((contact) => contact.told) === true;

describe('a new key for the user of a browser', () => {
  it('is told to contacts, takes over with all that was kept, and the conversation goes on under it', async () => {
    const server = await start({ name: 'server', port: 0 });
    const name = newBrowser();
    const ann = tab(name, server.location);
    const ben = tab(newBrowser(), server.location);
    await Promise.all([ann.begin('Ann'), ben.begin('Ben')]);
    await befriend(ann, ben);
    await ann.node.create('general');
    await ann.node.send('general', 'in a channel');
    await say(ann, '@Ben', 'under the old key');
    await saw(ben, '@Ann', 'under the old key');
    const old = await ann.node.status();

    const { to } = await ann.node.beginRotation('all');
    await expect(ann.node.beginRotation('all')).rejects.toMatchObject(failure('conflict'));
    await until(() => told(ann), 'Ben is told');
    await ann.node.finishRotation(to);
    // A tab that has heard no answer asks again.
    await ann.node.finishRotation(to);
    expect(await ann.node.status()).toMatchObject({ key: to, name: 'Ann' });
    expect((await ann.node.status()).node_id).not.toBe(old.node_id);
    expect(await texts(ann, 'general')).toEqual(['in a channel']);
    expect([...(await kept(name)).keys()].sort()).toEqual([`former ${old.key}`, 'self']);

    await until(async () => (await ben.node.contacts()).some(({ new_key }) => new_key?.key === to), 'Ben is asked');
    await ben.node.decideKey(old.key, true);
    await say(ann, '@Ben', 'under the new key');
    await saw(ben, '@Ann', 'under the new key');
    expect(await texts(ann, '@Ben')).toEqual(['under the old key', 'under the new key']);
    // What can be done to them no more is said of those that were said before.
    const earlier = async (channel: string) => (await ann.node.messages(channel, {})).map((message) => message.earlier);
    expect(await earlier('@Ben')).toEqual(['conversation', undefined]);
    expect(await earlier('general')).toEqual(['key']);

    await ann.close();
    const again = tab(name, server.location);
    expect(await again.node.status()).toMatchObject({ key: to });
    expect(await texts(again, 'general')).toEqual(['in a channel']);
    await again.node.erase();
    expect((await indexedDB.databases()).filter((database) => database.name?.startsWith(`${name} `))).toEqual([]);
  });

  it('rests under the passphrase of the old one, whatever it and the name are by then', async () => {
    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ann', 'correct horse');
    const { key } = await first.node.status();
    await expect(first.node.beginRotation('all')).rejects.toMatchObject(failure('bad-passphrase'));
    await expect(first.node.beginRotation('all', 'wrong horse')).rejects.toMatchObject(failure('bad-passphrase'));
    expect(await first.node.rotation()).toBeUndefined();
    const { to } = await first.node.beginRotation('all', 'correct horse');
    expect((await kept(name)).get('next')).toMatchObject({ encrypted: true });
    await first.node.rename('Anna');
    await first.node.setPassphrase('battery staple', 'correct horse');
    await first.close();

    const second = tab(name);
    await phase(second, 'locked');
    await second.unlock('battery staple');
    expect(await second.node.status()).toMatchObject({ key, name: 'Anna' });
    // Nothing is asked for a second time.
    await second.node.finishRotation(to);
    expect(await second.node.status()).toMatchObject({ key: to, name: 'Anna', encrypted: true });
    await second.close();

    const third = tab(name);
    expect(await phase(third, 'locked')).toEqual({ phase: 'locked', name: 'Anna', keyId: to });
    await expect(third.unlock('correct horse')).rejects.toMatchObject(failure('bad-passphrase'));
    await third.unlock('battery staple');
    expect(await third.node.status()).toMatchObject({ key: to });
  });

  it('can be given up, until it takes over', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    const { key } = await parley.node.status();
    const { to } = await parley.node.beginRotation('all');
    await parley.node.cancelRotation();
    expect(await parley.node.rotation()).toBeUndefined();
    expect([...(await kept(name)).keys()]).toEqual(['self']);
    await expect(parley.node.finishRotation(to)).rejects.toMatchObject(failure('not-found'));
    await expect(parley.node.cancelRotation()).rejects.toMatchObject(failure('not-found'));
    expect(await parley.node.status()).toMatchObject({ key });
  });

  it('is seen by all tabs, and a tab that dies on the way leaves it to the next', async () => {
    const name = newBrowser();
    const leading = await openPage(name);
    await leading.window.parley.begin('Ann', 'correct horse');
    const second = tab(name);
    await phase(second, 'running');
    const { to } = await second.node.beginRotation('all', 'correct horse');
    expect(await leading.window.parley.node.rotation()).toMatchObject({ to });
    leading.kill();
    await second.node.finishRotation(to);
    expect(await second.node.status()).toMatchObject({ key: to });
  });
});

describe('a browser that ends while its keys change', () => {
  const untilAt = async (name: string, key: string): Promise<void> => until(async () => (await kept(name)).has(key), key);

  it.each<[string, (name: string, key: string) => Promise<void>]>([
    ['at once', async () => {}],
    ['as it gives up its places', () => new Promise((resolve) => setTimeout(resolve, 5))],
    ['when the new one is at home', (name, key) => untilAt(name, `former ${key}`)],
  ])('%s has either key, and its messages, and goes on', async (_, moment) => {
    const name = newBrowser();
    const dying = await openPage(name);
    const { node } = dying.window.parley;
    await dying.window.parley.begin('Ann');
    await node.create('general');
    await node.send('general', 'kept');
    const { key } = await node.status();
    const { to } = await node.beginRotation('all');
    node.finishRotation(to).catch(() => {});
    await moment(name, key);
    dying.kill();

    const next = tab(name);
    const status = await next.node.status();
    expect([key, to]).toContain(status.key);
    expect(await texts(next, 'general')).toEqual(['kept']);
    await next.node.finishRotation(to).catch((error: unknown) => expect(error).toMatchObject(failure('not-found')));
    await until(async () => (await next.node.status()).key === to, 'the new key took over');
    expect(await texts(next, 'general')).toEqual(['kept']);
    expect([...(await kept(name)).keys()].sort()).toEqual([`former ${key}`, 'self']);
  });
});
