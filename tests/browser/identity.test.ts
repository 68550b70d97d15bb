import { createClock, createCrypto, createRandom } from '@parley/browser';
import { createIdentity, writeBackup } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { failure, newBrowser, phase, tab } from './lib/parley.ts';

/** Changes what a browser keeps of its identity, as a fault of the disk would. */
async function damage(name: string, change: (record: Record<string, unknown>) => unknown): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const transaction = database.transaction('identity', 'readwrite');
  const store = transaction.objectStore('identity');
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    const read = store.get('self');
    read.onsuccess = () => store.put(change(read.result as Record<string, unknown>), 'self');
  });
  database.close();
}

describe('a browser', () => {
  it('is new until a name is chosen, and remembers it', async () => {
    const name = newBrowser();
    const first = tab(name);
    await phase(first, 'new');
    await first.begin('Ann');
    expect(first.phase).toEqual({ phase: 'running', leads: true });
    const { node_id, name: called, node_type, encrypted } = await first.node.status();
    expect({ called, node_type, encrypted }).toEqual({ called: 'Ann', node_type: 'client', encrypted: false });
    const channel = await first.node.create('general');
    await first.node.send(channel.id, 'a message to keep');
    await first.close();

    const again = tab(name);
    await phase(again, 'running');
    expect((await again.node.status()).node_id).toBe(node_id);
    expect((await again.node.messages('general', {})).map(({ text, own }) => ({ text, own }))).toEqual([
      { text: 'a message to keep', own: true },
    ]);
    expect((await again.node.search('keep', {})).map(({ text }) => text)).toEqual(['a message to keep']);
  });

  it('refuses what is no name, and a second identity', async () => {
    const parley = tab(newBrowser());
    await phase(parley, 'new');
    await expect(parley.begin('no#name')).rejects.toMatchObject(failure('bad-argument'));
    expect(parley.phase).toEqual({ phase: 'new' });
    await parley.begin('Ann');
    await expect(parley.begin('Bob')).rejects.toMatchObject(failure('conflict'));
    expect((await parley.node.status()).name).toBe('Ann');
  });

  it('takes another name, and stays who it is', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    const { node_id } = await parley.node.status();
    await expect(parley.node.rename('')).rejects.toMatchObject(failure('bad-argument'));
    await parley.node.rename('Anna');
    expect(await parley.node.status()).toMatchObject({ node_id, name: 'Anna' });
    await parley.close();
    const again = tab(name);
    expect(await again.node.status()).toMatchObject({ node_id, name: 'Anna' });
  });

  it('is new again when everything was erased', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    await parley.node.create('general');
    await parley.node.erase();
    expect(parley.phase).toEqual({ phase: 'new' });
    expect((await indexedDB.databases()).filter((database) => database.name?.startsWith(`${name} `))).toEqual([]);
    await parley.begin('Bob');
    expect(await parley.node.channels()).toEqual([]);
  });
});

describe('a passphrase', () => {
  it('is asked for at the next start, wrong ones refused', async () => {
    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ann', 'correct horse');
    const { node_id, key, encrypted } = await first.node.status();
    expect(encrypted).toBe(true);
    await first.close();

    const again = tab(name);
    expect(await phase(again, 'locked')).toEqual({ phase: 'locked', name: 'Ann', keyId: key });
    const waiting = again.node.status();
    await expect(again.unlock('wrong horse')).rejects.toMatchObject(failure('bad-passphrase'));
    await expect(again.unlock('')).rejects.toMatchObject(failure('bad-passphrase'));
    expect(again.phase.phase).toBe('locked');
    await again.unlock('correct horse');
    expect((await waiting).node_id).toBe(node_id);
  });

  it('can be set, changed and taken away', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    await parley.node.setPassphrase('one', undefined);
    expect((await parley.node.status()).encrypted).toBe(true);
    await expect(parley.node.setPassphrase('two', 'none')).rejects.toMatchObject(failure('bad-passphrase'));
    await expect(parley.node.setPassphrase('two', undefined)).rejects.toMatchObject(failure('bad-passphrase'));
    await parley.node.setPassphrase('two', 'one');
    await parley.close();
    const locked = tab(name);
    await phase(locked, 'locked');
    await locked.unlock('two');
    await locked.node.setPassphrase(undefined, 'two');
    await locked.close();
    await phase(tab(name), 'running');
  });

  it('seals what is kept with a key that cannot be read out', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann', 'correct horse');
    await damage(name, (record) => {
      const { key } = record.sealed as { key: CryptoKey };
      expect([key.extractable, key.usages.includes('wrapKey')]).toEqual([false, false]);
      return record;
    });
  });
});

describe('a backup', () => {
  it('brings everything to another browser', async () => {
    const parley = tab(newBrowser());
    await parley.begin('Ann');
    const { node_id, key } = await parley.node.status();
    const { id } = await parley.node.create('garden');
    const bytes = new Uint8Array(2000).fill(7);
    await parley.node.send(id, 'the beans are up', { attachments: [{ name: 'beans.bin', type: 'application/octet-stream', bytes }] });
    const { msg_id } = await parley.node.send(id, 'carrots');
    await parley.node.act(id, 'edit', msg_id, 'tomatoes');
    const told: number[] = [];
    parley.node.subscribe((event) => {
      if (event.event === 'progress') told.push(event.done / event.all);
    });
    const file = await parley.node.backup('for the road', { theme: 'dark' });
    expect(told.at(-1)).toBe(1);
    expect((await file.slice(0, 40).text()).startsWith('{"format":"parley/backup/1"')).toBe(true);

    const other = tab(newBrowser());
    await phase(other, 'new');
    await expect(other.restore(file, 'wrong')).rejects.toMatchObject(failure('bad-passphrase'));
    await expect(other.restore(file.slice(0, file.size - 1), 'for the road')).rejects.toMatchObject(failure('corrupt'));
    await expect(other.restore(new Blob(['{}']), 'for the road')).rejects.toMatchObject(failure('corrupt'));
    expect(other.phase).toEqual({ phase: 'new' });
    expect(await other.restore(file, 'for the road')).toEqual({ theme: 'dark' });
    expect(await other.node.status()).toMatchObject({ node_id, key, name: 'Ann' });
    const messages = await other.node.messages(id, { limit: 10 });
    expect(messages.map(({ text }) => text)).toEqual(['the beans are up', 'tomatoes']);
    expect((await other.node.attachment(id, messages[0]?.msg_id ?? '', 0)).bytes).toEqual(bytes);
    for (const [query, found] of [
      ['beans', 1],
      ['tomatoes', 1],
      ['carrots', 0],
    ] as const)
      expect(await other.node.search(query, {})).toHaveLength(found);
    await expect(other.restore(file, 'for the road')).rejects.toMatchObject(failure('conflict'));
  });

  it('can be made of an identity under a passphrase', async () => {
    const parley = tab(newBrowser());
    await parley.begin('Ann', 'at home');
    const file = await parley.node.backup('for the road');
    await expect(parley.node.backup('')).rejects.toMatchObject(failure('bad-argument'));
    const other = tab(newBrowser());
    await other.restore(file, 'for the road');
    expect((await other.node.status()).node_id).toBe((await parley.node.status()).node_id);
  });

  it('takes the place of whoever is at home, also under a passphrase that nobody knows, when it is whole', async () => {
    const parley = tab(newBrowser());
    await parley.begin('Ann');
    const { key } = await parley.node.status();
    const file = await parley.node.backup('for the road');

    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ben', 'long forgotten');
    await first.close();
    const other = tab(name);
    await phase(other, 'locked');
    await expect(other.restore(file, 'for the road')).rejects.toMatchObject(failure('conflict'));
    await expect(other.restore(file, 'wrong', true)).rejects.toMatchObject(failure('bad-passphrase'));
    await expect(other.restore(file.slice(0, file.size - 1), 'for the road', true)).rejects.toMatchObject(failure('corrupt'));
    expect(other.phase).toMatchObject({ phase: 'locked', name: 'Ben' });
    await other.restore(file, 'for the road', true);
    expect(await other.node.status()).toMatchObject({ key, name: 'Ann', encrypted: false });
  });

  it('of an identity alone, as it was made before, comes back too', async () => {
    const deps = { crypto: createCrypto(), random: createRandom(), clock: createClock() };
    const made = await createIdentity(deps, { name: 'Ann' });
    const text = await writeBackup(deps, made, 'for the road', { n: 16, r: 1, p: 1 });
    const other = tab(newBrowser());
    expect(await other.restore(new Blob([text]), 'for the road')).toBeUndefined();
    expect(await other.node.status()).toMatchObject({ key: made.identity.keyId });
  });
});

describe('a damaged identity', () => {
  it.each<[string, (record: Record<string, unknown>) => unknown]>([
    ['has no record that could be read', () => 'nonsense'],
    ['is of another version', (record) => ({ ...record, version: 2 })],
    ['has no certificate', ({ certificate: _, ...rest }) => rest],
    ['has a damaged certificate', (record) => ({ ...record, certificate: (record.certificate as Uint8Array).slice(1) })],
    ['has no key', (record) => ({ ...record, sealed: { ...(record.sealed as object), key: undefined } })],
    [
      'has damaged bytes',
      (record) => {
        const sealed = record.sealed as { bytes: Uint8Array };
        return { ...record, sealed: { ...sealed, bytes: sealed.bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) } };
      },
    ],
  ])('that %s is named, left as it is, and can be erased', async (_, change) => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    await parley.close();
    await damage(name, change);
    const again = tab(name);
    const pending = again.node.channels();
    pending.catch(() => {});
    expect(await phase(again, 'failed')).toMatchObject({ code: 'corrupt' });
    await expect(pending).rejects.toMatchObject(failure('corrupt'));
    await again.node.erase();
    expect(again.phase).toEqual({ phase: 'new' });
  });

  it('that claims a passphrase which it has not is named when it is unlocked', async () => {
    const name = newBrowser();
    const parley = tab(name);
    await parley.begin('Ann');
    await parley.close();
    await damage(name, (record) => ({ ...record, encrypted: true }));
    const again = tab(name);
    await phase(again, 'locked');
    await expect(again.unlock('any')).rejects.toMatchObject(failure('corrupt'));
    await again.node.erase();
    expect(again.phase).toEqual({ phase: 'new' });
  });
});
