import { type MessageView, type NewAttachment, Views } from '@parley/core';
import { expect, it } from 'vitest';
import { Network } from './lib/network.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const note = (text: string, name = 'note.txt', type = 'text/plain'): NewAttachment => ({ name, type, bytes: bytes(text) });

async function threeAround(seed: string): Promise<{ network: Network; id: string }> {
  const network = new Network({ seed });
  await network.server('hub');
  for (const host of ['ann', 'ben', 'eve']) {
    await network.client(host);
    network.link(host, 'hub');
  }
  return { network, id: await network.channel('garden', 'ann', 'ben', 'eve') };
}

const send = (network: Network, from: string, id: string, text: string, attachments: readonly NewAttachment[]) =>
  network.world.until(network.get(from).node.channels.send(id, text, { attachments }));
const got = (network: Network, host: string, text: string) =>
  network.world.runUntil(() => network.texts(host).includes(text), { limitMs: 60_000, what: `that ${host} has it` });

/** What the last message that a node was shown has attached, as its user is told. */
async function shown(network: Network, host: string): Promise<MessageView['attachments']> {
  const { node, shown: events } = network.get(host);
  const message = events.at(-1)?.message;
  return message && (await network.world.until(new Views(node).message(message, 'garden'))).attachments;
}

async function read(network: Network, host: string, index: number): Promise<string | undefined> {
  const { node, shown: events } = network.get(host);
  const message = events.at(-1)?.message;
  const attachment = message?.attachments[index];
  const content = message && attachment && (await network.world.until(node.channels.attached.content(message, attachment)));
  return content && new TextDecoder().decode(content);
}

const rejected = (network: Network, host: string, reason: string): number =>
  network.get(host).node.metrics.snapshot().counters.get('rejections')?.get(reason) ?? 0;

it('attachments inside a message arrive with it, by a relay, and are there after a start', async () => {
  const { network, id } = await threeAround('attached');
  await send(network, 'ann', id, 'look', [note('roses'), note('<script>', '../../x.html', 'text/html')]);
  for (const host of ['ben', 'eve']) await got(network, host, 'look');
  for (const host of ['ann', 'ben', 'eve']) {
    expect(await shown(network, host)).toMatchObject([
      { index: 0, name: 'note.txt', type: 'text/plain', size: 5, state: 'here', show: true },
      { index: 1, name: '_.._x.html', type: 'text/html', state: 'here', show: false },
    ]);
    expect([await read(network, host, 0), await read(network, host, 1)]).toEqual(['roses', '<script>']);
  }
  network.crash('ben');
  await network.restart('ben');
  expect(await read(network, 'ben', 0)).toBe('roses');
  expect(network.errors()).toEqual([]);
});

it('a message may be nothing but its attachment, and no message has more than 256 KiB of them', async () => {
  const { network, id } = await threeAround('sizes');
  const big = { name: 'a.bin', type: 'application/octet-stream', bytes: new Uint8Array(128 * 1024).fill(7) };
  await send(network, 'ann', id, '', [big, big]);
  await got(network, 'ben', '');
  expect(await shown(network, 'ben')).toMatchObject([
    { state: 'here', size: 131_072 },
    { state: 'here', size: 131_072 },
  ]);
  await expect(send(network, 'ann', id, 'x', [big, big, note('!')])).rejects.toMatchObject({ code: 'too-large' });
  await expect(send(network, 'ann', id, '', [])).rejects.toMatchObject({ code: 'bad-argument' });
  await expect(send(network, 'ann', id, 'x', [note('!', 'a', 'no type')])).rejects.toMatchObject({ code: 'bad-argument' });
});

it('whoever was away gets what was attached together with the messages, from another member', async () => {
  const { network, id } = await threeAround('away');
  const page = note('x'.repeat(200_000));
  for (const text of ['one', 'two', 'three']) await send(network, 'ann', id, text, [page, note(`of ${text}`)]);
  for (const host of ['ben', 'eve']) await got(network, host, 'three');
  await network.stop('ann');
  await network.client('joe');
  network.link('joe', 'hub');
  await network.join(id, 'joe');
  await got(network, 'joe', 'three');
  const lacks = async (): Promise<boolean> => ((await shown(network, 'joe')) ?? []).some(({ state }) => state !== 'here');
  for (let i = 0; i < 60 && (await lacks()); i++) await network.world.advance(1000);
  expect(await shown(network, 'joe')).toMatchObject([{ state: 'here' }, { state: 'here' }]);
  expect(await read(network, 'joe', 1)).toBe('of three');
  const page1 = await network.world.until(network.get('joe').node.channels.archive.history(id, { limit: 3 }));
  const { channels } = network.get('joe').node;
  const states = await network.world.until(Promise.all(page1.map((message) => channels.attached.states(message))));
  expect(states).toEqual([
    ['here', 'here'],
    ['here', 'here'],
    ['here', 'here'],
  ]);
  expect(rejected(network, 'joe', 'attachment-unasked')).toBe(0);
});

it.each([
  ['other bytes', 'attachment-digest', { attachment: btoa('lilac') }],
  ['more bytes', 'attachment-size', { attachment: btoa('roses and more') }],
  ['another type', 'attachment-type', { attachment_type: 'text/html' }],
])('%s than were signed are refused and counted; the text is shown, and the true ones can be asked for', async (_, reason, change) => {
  const { network, id } = await threeAround(reason);
  const { node } = network.get('ann');
  const send0 = node.overlay.entrust.bind(node.overlay);
  node.overlay.entrust = (verb, data, options) => {
    const { attachment } = data as { attachment?: object[] };
    return send0(verb, { ...data, ...(attachment && { attachment: attachment.map((one) => ({ ...one, ...change })) }) }, options);
  };
  await send(network, 'ann', id, 'look', [note('roses')]);
  await got(network, 'ben', 'look');
  expect(await shown(network, 'ben')).toMatchObject([{ state: 'damaged' }]);
  expect(await read(network, 'ben', 0)).toBeUndefined();
  expect(rejected(network, 'ben', reason)).toBe(1);
  const message = network.get('ben').shown.at(-1)?.message;
  const [attachment] = message?.attachments ?? [];
  if (message && attachment) network.get('ben').node.channels.attached.fetch(message, attachment);
  await network.world.advance(5000);
  expect(await shown(network, 'ben')).toMatchObject([{ state: 'here' }]);
  expect(await read(network, 'ben', 0)).toBe('roses');
});

it('content that several messages have is kept once, and goes with the last of them', async () => {
  const network = new Network({ seed: 'kept once' });
  await network.client('ann', { channels: { senderMessages: 3 } });
  const { id } = await network.world.until(network.get('ann').node.channels.create('garden'));
  const count = () => network.world.until(network.get('ann').ports.store.count('attachments'));
  await send(network, 'ann', id, 'first', [note('same')]);
  await send(network, 'ann', id, 'second', [note('same')]);
  expect(await count()).toBe(1);
  for (const text of ['a', 'b']) await network.send('ann', id, text);
  await network.world.advance(1000);
  expect(await network.history('ann', id)).toEqual(['second', 'a', 'b']);
  expect(await count()).toBe(1);
  await network.send('ann', id, 'c');
  await network.world.advance(1000);
  expect(await network.history('ann', id)).toEqual(['a', 'b', 'c']);
  expect(await count()).toBe(0);
  expect(await network.world.until(network.get('ann').ports.store.count('attachment_uses'))).toBe(0);
});
