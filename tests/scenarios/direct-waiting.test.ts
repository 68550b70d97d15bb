import { describe, expect, it } from 'vitest';
import { around, befriend } from './lib/friends.ts';
import { Network, type ParticipantConfig } from './lib/network.ts';
import { Recording } from './lib/recording.ts';

const MINUTE = 60_000;
const words = (count: number, from = 0): string[] => Array.from({ length: count }, (_, i) => `word ${from + i}`);

/** Ann and ben are contacts, and ann has lost what their sessions were made of: her node was restored from what she kept of it. */
async function restored(seed: string, config: ParticipantConfig = {}): Promise<{ net: Network; id: string }> {
  const net = new Network({ seed });
  await around(net, ['ann', 'ben'], config);
  await befriend(net, 'ann', 'ben');
  const id = net.get('ann').node.direct.idWith(net.get('ben').identity.keyId);
  await net.world.runUntil(() => ['ann', 'ben'].every((host) => net.knows(host, id)), { limitMs: MINUTE, what: 'the conversation' });
  await net.send('ann', '@ben', 'before');
  await net.world.runUntil(() => net.texts('ben').length === 1, { limitMs: MINUTE });
  // Until his RECEIPT is here.
  await net.world.advance(10_000);
  net.crash('ann');
  const { disk } = net.world.drive('ann');
  for (const table of ['direct_sessions', 'direct_offers']) {
    disk.apply(disk.range(table, { limit: 1000 }).map(({ key }) => ({ op: 'delete', table, key })));
  }
  return { net, id };
}

/** The same, while ben is away. */
async function alone(seed: string, config: ParticipantConfig = {}): Promise<{ net: Network; id: string }> {
  const begun = await restored(seed, config);
  begun.net.crash('ben');
  await begun.net.world.advance(MINUTE);
  await begun.net.restart('ann');
  await begun.net.world.advance(MINUTE);
  return begun;
}

const stateOf = async (net: Network, msgId: string) => net.world.until(net.get('ann').node.channels.delivery(msgId));
const waiting = (net: Network): number => net.world.drive('ann').disk.count('waiting_messages', {});

describe('a direct message without a session', () => {
  it('waits, over a crash, for one who is away, and comes in the order in which it was written', async () => {
    const { net } = await alone('waiting');
    const recording = new Recording(net);
    const sent = [];
    for (const text of words(3)) sent.push(await net.send('ann', '@ben', text));
    await net.world.advance(MINUTE);
    const [first] = sent;
    const ben = net.idOf('ben');
    expect(await stateOf(net, first?.msgId ?? '')).toMatchObject({ state: 'sending', recipients: { [ben]: { state: 'waiting' } } });
    expect((await stateOf(net, first?.msgId ?? ''))?.recipients[ben]?.reason).toMatch(/session/);
    net.crash('ann');
    await net.restart('ann');
    for (const text of words(2, 3)) sent.push(await net.send('ann', '@ben', text));
    expect(waiting(net)).toBe(5);
    await net.world.advance(30 * MINUTE);
    expect(recording.count('MESSAGE')).toBe(0);
    await net.restart('ben');
    await net.world.runUntil(() => net.texts('ben').length === 6, { limitMs: 2 * MINUTE, what: 'that ben shows all' });
    expect(net.texts('ben')).toEqual(['before', ...words(5)]);
    await net.world.advance(MINUTE);
    for (const { msgId } of sent) expect((await stateOf(net, msgId))?.state).toBe('delivered');
    expect(waiting(net)).toBe(0);
    expect(net.errors()).toEqual([]);
  });

  it('goes on by way of a server when the two are never there together', async () => {
    const { net } = await alone('waiting apart');
    const { msgId } = await net.send('ann', '@ben', 'never together');
    await net.world.advance(MINUTE);
    net.crash('ann');
    await net.world.advance(MINUTE);
    // He finds her question, and answers it.
    await net.restart('ben');
    await net.world.advance(MINUTE);
    net.crash('ben');
    await net.world.advance(MINUTE);
    await net.restart('ann');
    await net.world.advance(MINUTE);
    expect((await stateOf(net, msgId))?.state).toBe('stored');
    net.crash('ann');
    await net.world.advance(MINUTE);
    await net.restart('ben');
    await net.world.runUntil(() => net.texts('ben').includes('never together'), { limitMs: MINUTE });
  });

  it('finds a session after a long time of writing to somebody who is away', async () => {
    const { net } = await alone('waiting long', { direct: { askAbsentMs: 20 * MINUTE } });
    for (const text of words(6)) {
      await net.send('ann', '@ben', text);
      await net.world.advance(10 * MINUTE);
    }
    net.crash('ann');
    await net.world.advance(MINUTE);
    await net.restart('ben');
    await net.world.advance(MINUTE);
    net.crash('ben');
    await net.world.advance(MINUTE);
    await net.restart('ann');
    await net.world.advance(MINUTE);
    // Whatever he answered, it was to a question that is still open.
    expect(waiting(net)).toBe(0);
  });

  it('takes along what is attached to it, and what was done to it since', async () => {
    const { net, id } = await alone('waiting attached');
    const { channels } = net.get('ann').node;
    const bytes = new TextEncoder().encode('a small file');
    const attachments = [{ name: 'a.txt', type: 'text/plain', bytes }];
    await net.world.until(channels.send(id, 'with a file', { attachments }));
    const { msgId } = await net.send('ann', id, 'a slip');
    await net.world.until(channels.act(id, 'delete', msgId));
    await net.restart('ben');
    await net.world.runUntil(() => net.texts('ben').includes('with a file'), { limitMs: 2 * MINUTE });
    await net.world.advance(MINUTE);
    const shown = net.get('ben').shown.find(({ message }) => message.text === 'with a file');
    const [attachment] = shown?.message.attachments ?? [];
    if (!shown || !attachment) throw new Error('nothing is attached');
    const { attached } = net.get('ben').node.channels;
    expect(await net.world.until(attached.content(shown.message, attachment))).toEqual(bytes);
    expect(net.texts('ben')).not.toContain('a slip');
    expect(waiting(net)).toBe(0);
  });

  it('fails after its time, and says why', async () => {
    const { net } = await alone('waiting in vain', { channels: { waitingMs: 20 * MINUTE, waitingRetryMs: 5 * MINUTE } });
    const { msgId } = await net.send('ann', '@ben', 'too late');
    await net.world.advance(30 * MINUTE);
    const ben = net.idOf('ben');
    expect(await stateOf(net, msgId)).toMatchObject({ state: 'failed', recipients: { [ben]: { state: 'expired' } } });
    expect(waiting(net)).toBe(0);
  });

  it('fails when the contact is one no more', async () => {
    const { net } = await alone('waiting for nobody');
    const { msgId } = await net.send('ann', '@ben', 'never mind');
    await net.world.until(net.get('ann').node.contacts.remove('ben'));
    await net.world.advance(MINUTE);
    expect((await stateOf(net, msgId))?.state).toBe('failed');
    expect(waiting(net)).toBe(0);
  });

  it('is not joined by what is written while the contact is blocked: that is refused, and does not come once they are unblocked', async () => {
    const { net } = await alone('waiting blocked');
    const { contacts } = net.get('ann').node;
    await net.send('ann', '@ben', 'before');
    await net.world.until(contacts.block('ben'));
    const refused = { code: 'refused', message: 'ben is blocked: unblock them first' };
    await expect(net.send('ann', '@ben', 'meanwhile')).rejects.toMatchObject(refused);
    await net.world.until(contacts.unblock('ben'));
    const { msgId } = await net.send('ann', '@ben', 'afterwards');
    await net.restart('ben');
    await net.world.runUntil(() => net.texts('ben').includes('afterwards'), { limitMs: 30 * MINUTE });
    await net.world.advance(10 * MINUTE);
    expect(net.texts('ben')).toEqual(['before', 'before', 'afterwards']);
    expect(net.texts('ann')).not.toContain('meanwhile');
    expect((await stateOf(net, msgId))?.state).toBe('delivered');
  });

  it('is one of so many', async () => {
    const { net } = await alone('waiting many', { channels: { maxWaiting: 3 } });
    for (const text of words(3)) await net.send('ann', '@ben', text);
    await expect(net.send('ann', '@ben', 'one more')).rejects.toMatchObject({ code: 'quota' });
    await net.restart('ben');
    await net.world.runUntil(() => waiting(net) === 0, { limitMs: 2 * MINUTE });
    await net.send('ann', '@ben', 'and another');
    await net.world.runUntil(() => net.texts('ben').includes('and another'), { limitMs: MINUTE });
    expect(net.texts('ben')).toEqual(['before', ...words(3), 'and another']);
  });
});
