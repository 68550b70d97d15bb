import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiClient, HostNode } from '@parley/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, listen, texts } from './host-lab.ts';

let lab: Lab;
beforeEach(() => {
  lab = new Lab();
});
afterEach(() => lab.close());

const DATA = 'ann';
const ann = () => lab.start({ data: lab.dir(DATA), nodeType: 'client', name: 'ann' });

describe('the client', () => {
  it('says that no node runs, where none ever ran and where one was killed', async () => {
    const none = { code: 'not-found', message: expect.stringContaining(`no node is running on ${lab.dir(DATA)}`) };
    const { host, client } = await ann();
    const left = await readFile(join(lab.dir(DATA), 'api.json'));
    await host.stop();
    await expect(client.status()).rejects.toMatchObject(none);
    await writeFile(join(lab.dir(DATA), 'api.json'), left, { mode: 0o600 });
    await expect(client.status()).rejects.toMatchObject(none);
    await expect(client.events(new AbortController().signal).open).rejects.toMatchObject(none);
  });

  it('says that the token is wrong', async () => {
    const { client } = await ann();
    const path = join(lab.dir(DATA), 'api.json');
    const fields = JSON.parse(await readFile(path, 'utf8'));
    await writeFile(path, JSON.stringify({ ...fields, token: 'another' }));
    await expect(client.status()).rejects.toMatchObject({ code: 'refused', message: expect.stringContaining('token') });
    await expect(client.events(new AbortController().signal).open).rejects.toMatchObject({ code: 'refused' });
    await writeFile(path, JSON.stringify({ ...fields, url: 'http://192.0.2.1:80' }));
    await expect(client.status()).rejects.toMatchObject({ code: 'corrupt' });
  });

  it('says that the node went away, and stops it', async () => {
    const { host, client }: { host: HostNode; client: ApiClient } = await ann();
    const heard = await listen(client);
    await client.stop();
    expect(await host.stopped).toBe(true);
    expect(await heard.ended).toMatchObject({ code: 'closed' });
    expect(existsSync(join(lab.dir(DATA), 'api.json'))).toBe(false);
    // The directory is free.
    const again = await ann();
    expect((await again.client.status()).node_id).toBe(host.node.identity.nodeId);
    expect(await texts(again.client, (await again.client.create('x')).id, 0)).toEqual([]);
  });
});
