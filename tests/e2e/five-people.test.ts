import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection, Transport } from '@parley/core';
import { ApiClient, type HostNode, startHostNode } from '@parley/host';
import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Frames } from '../scenarios/lib/frames.ts';
import { parley, type Ran, type Running, START_MS, start } from './lib/cli.ts';
import { launch, Person, PHONE } from './lib/pages.ts';

const directory = mkdtempSync(join(tmpdir(), 'parley-five-'));
const PATIENCE = { timeout: 60_000, interval: 250 };
const CHANNEL = 'orchard-committee';
/** Words that stand in what is said and in files, and nowhere else. */
const SECRETS = ['quincejam', 'medlarwine', 'sloegin', 'mulberrypie', 'damsoncheese', 'gooseberryfool'] as const;
const [FROM_ADA, FROM_BOB, FROM_CAT, FROM_DAN, FROM_EVE, IN_FILE] = SECRETS;

const frames = new Frames();

/** Writes down what goes over the links of a transport, before it is encrypted and after it was decrypted. */
function recorded(transport: Transport): Transport {
  const watch = (connection: Connection): Connection => {
    const send = connection.send.bind(connection);
    const sendData = connection.sendData.bind(connection);
    const attach = connection.attach.bind(connection);
    connection.send = (json) => {
      frames.add(json);
      send(json);
    };
    connection.sendData = (transfer, bytes) => {
      frames.add(Uint8Array.from(bytes));
      sendData(transfer, bytes);
    };
    connection.attach = (handler) =>
      attach({
        message: (json) => {
          frames.add(json);
          handler.message(json);
        },
        data: (transfer, bytes) => {
          frames.add(Uint8Array.from(bytes));
          handler.data(transfer, bytes);
        },
        keepAlive: () => handler.keepAlive(),
        drain: () => handler.drain(),
        closed: (error) => handler.closed(error),
      });
    return connection;
  };
  return {
    name: transport.name,
    dial: async (address, signal) => watch(await transport.dial(address, signal)),
    listen: (address, accept) => transport.listen(address, (connection) => accept(watch(connection))),
  };
}

const data = (name: string): string => join(directory, name);
const on = (name: string, ...args: string[]): Promise<Ran> => parley([...args, '--data', data(name)]);

/** All links of the network are links of one server, which is in this process: what it sees is what there is to see. */
describe('five people in a closed channel', () => {
  let browser: Browser | undefined;
  let hub: HostNode;
  const running = new Map<string, Running>();
  let ada: Person;
  let bob: Person;

  async function startNode(name: string): Promise<void> {
    const { tls = '' } = hub.ready;
    const node = start(['node', '--data', data(name), '--name', name, '--connect', tls, '--lan', 'off', '--json']);
    running.set(name, node);
    await node.line((line) => line.includes('"ready"'));
  }

  beforeAll(async () => {
    browser = await launch();
    if (!browser) return;
    const local = '127.0.0.1:0';
    hub = await startHostNode({ data: data('hub'), nodeType: 'server', name: 'hub', tls: local, http: local, lan: false, tap: recorded });
    const { http = '' } = hub.ready;
    await Promise.all(['cat', 'dan', 'eve'].map(startNode));
    ada = await Person.open(browser, http);
    bob = await Person.open(browser, http, PHONE);
    await ada.begin('ada');
    await bob.begin('bob');
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await Promise.all([...running.values()].map((node) => node.stop()));
    await hub?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** What somebody sees of the channel, in order. */
  async function history(who: string | Person): Promise<string[]> {
    if (who instanceof Person) return who.page.locator('.message-body .text').allInnerTexts();
    return (await new ApiClient(data(who)).messages(CHANNEL)).map(({ text }) => text);
  }

  const keyOf = (name: string): string => {
    const link = hub.node.links.all().find(({ peer }) => peer.name === name);
    if (!link) throw new Error(`${name} has no link`);
    return link.peer.keyId;
  };

  async function enter({ page, dialog }: Person): Promise<void> {
    await page.getByRole('button', { name: 'Invitations' }).click();
    await dialog.getByRole('button', { name: `Accept ${CHANNEL}` }).click();
    await page.locator('textarea').waitFor();
  }

  it('have the same history in the end, though one was away, and nobody on the way could read a word of it', async (context) => {
    if (!browser) return context.skip('there is no Chromium here');
    // Cat founds it, and invites the others.
    expect((await on('cat', 'channels', 'create', CHANNEL, '--closed')).code).toBe(0);
    for (const name of ['ada', 'bob', 'dan', 'eve']) {
      const invited = await on('cat', 'channels', 'invite', CHANNEL, keyOf(name));
      expect(invited.code, invited.stderr).toBe(0);
    }
    await Promise.all([enter(ada), enter(bob)]);
    for (const name of ['dan', 'eve'])
      await vi.waitFor(async () => expect((await on(name, 'channels', 'accept', CHANNEL)).code).toBe(0), PATIENCE);
    await vi.waitFor(async () => {
      const members = await new ApiClient(data('cat')).members(CHANNEL);
      expect(members.filter(({ invited }) => !invited)).toHaveLength(5);
    }, PATIENCE);

    await ada.say(`Who brings the ${FROM_ADA}?`);
    await vi.waitFor(async () => expect(await history('eve')).toHaveLength(1), PATIENCE);
    await new ApiClient(data('eve')).send(CHANNEL, `I do, and ${FROM_EVE}`);
    await bob.sees(FROM_EVE);

    // Half of it goes on without Eve.
    await running.get('eve')?.stop();
    await bob.say(`Then I bring ${FROM_BOB}`);
    await ada.sees(FROM_BOB);
    const list = join(directory, 'list.txt');
    const large = join(directory, 'large.bin');
    writeFileSync(list, `${IN_FILE}\n`.repeat(100));
    writeFileSync(large, Buffer.concat([Buffer.from(`${IN_FILE}\n`.repeat(40_000)), randomBytes(400_000)]));
    for (const [name, text, file] of [
      ['cat', `The list, with ${FROM_CAT}`, list],
      ['dan', `Pictures of the ${FROM_DAN}`, large],
    ] as const) {
      const sent = await on(name, 'send', CHANNEL, text, '--file', file);
      expect(sent.code, sent.stderr).toBe(0);
      await ada.sees(text);
    }
    await ada.say(`Good, no more ${FROM_ADA} then`);
    await bob.sees(`no more ${FROM_ADA}`);

    // Then she is back.
    await startNode('eve');
    await vi.waitFor(async () => expect(await history('eve')).toHaveLength(6), PATIENCE);
    const saved = join(directory, 'saved.bin');
    const withFile = (await new ApiClient(data('eve')).messages(CHANNEL)).find(({ text }) => text.includes(FROM_DAN));
    const fetched = await on('eve', 'files', 'get', CHANNEL, withFile?.msg_id ?? '', '--output', saved);
    expect(fetched.code, fetched.stderr).toBe(0);
    expect(readFileSync(saved).equals(readFileSync(large))).toBe(true);

    const expected = await history('cat');
    expect(expected).toHaveLength(6);
    for (const who of [ada, bob, 'dan', 'eve']) await vi.waitFor(async () => expect(await history(who)).toEqual(expected), PATIENCE);

    // What is public shows that whatever is readable would be found.
    expect((await on('cat', 'channels', 'create', 'market-square')).code).toBe(0);
    await vi.waitFor(() => expect(hub.node.channels.list().map(({ name }) => name)).toContain('market-square'), PATIENCE);
    expect(frames.readable(['market-square', ...SECRETS, CHANNEL])).toEqual(['market-square']);
    expect([...ada.complaints, ...bob.complaints]).toEqual([]);
  });
});
