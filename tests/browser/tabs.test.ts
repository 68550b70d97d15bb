import { describe, expect, it } from 'vitest';
import { realTime } from '../contract/lib/time.ts';
import { start, until } from './lib/nodes.ts';
import { openPage } from './lib/pages.ts';
import { events, failure, newBrowser, phase, tab } from './lib/parley.ts';

describe('two tabs of one browser', () => {
  it('are one node: what one does, the other sees', async () => {
    const name = newBrowser();
    const first = tab(name);
    await phase(first, 'new');
    const second = tab(name);
    await phase(second, 'new');
    // The one that does not lead asks as well as the other.
    await second.begin('Ann');
    expect(await phase(first, 'running')).toEqual({ phase: 'running', leads: true });
    expect(await phase(second, 'running')).toEqual({ phase: 'running', leads: false });
    const [one, two] = [await first.node.status(), await second.node.status()];
    expect(two.node_id).toBe(one.node_id);
    const [seenByFirst, seenBySecond] = [events(first), events(second)];
    await second.node.create('general');
    const sent = await second.node.send('general', 'from the second');
    for (const seen of [seenByFirst, seenBySecond]) {
      await realTime.waitFor(() => seen.some((event) => event.event === 'message' && event.message.msg_id === sent.msg_id), 'it is shown');
    }
    expect((await first.node.messages('general', {})).map(({ text }) => text)).toEqual(['from the second']);
  });

  it('share errors with their codes', async () => {
    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ann');
    const second = tab(name);
    await phase(second, 'running');
    await expect(second.begin('Bob')).rejects.toMatchObject(failure('conflict'));
    await expect(second.node.join('nowhere')).rejects.toMatchObject(failure('not-found'));
    await expect(second.node.rename('#')).rejects.toMatchObject(failure('bad-argument'));
  });

  it('go on when the one that leads is closed', async () => {
    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ann');
    const second = tab(name);
    await phase(second, 'running');
    const seen = events(second);
    await first.close();
    await realTime.waitFor(() => JSON.stringify(second.phase) === '{"phase":"running","leads":true}', 'the second leads');
    expect(seen.some(({ event }) => event === 'reset')).toBe(true);
    await expect(first.node.channels()).rejects.toMatchObject(failure('closed'));
    expect((await second.node.status()).name).toBe('Ann');
  });

  it('bound what waits for an answer', async () => {
    const parley = tab(newBrowser());
    await phase(parley, 'new');
    const waiting = Array.from({ length: 1000 }, () => parley.node.channels().catch((error: unknown) => error));
    await expect(parley.node.channels()).rejects.toMatchObject(failure('quota'));
    await parley.close();
    for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject(failure('closed'));
  });
});

describe('a tab that leads and dies', () => {
  it('is replaced; calls that it did not answer are repeated, and a message is sent once', async () => {
    const name = newBrowser();
    const server = await start({ name: 'server', port: 0 });
    const other = await start({ name: 'bob', nodeType: 'client', connect: [server.url] });
    const leading = await openPage(name, server.location);
    await leading.window.parley.begin('Ann');
    await leading.window.parley.node.create('general');
    await until(async () => (await other.channelNames()).includes('general'), 'the channel is known');
    await other.join('general');
    const second = tab(name, server.location);
    expect(await phase(second, 'running')).toEqual({ phase: 'running', leads: false });
    await until(async () => (await second.node.members('general')).length === 2, 'both are members');
    const seen = events(second);
    const texts = Array.from({ length: 40 }, (_, i) => `message ${i}`);
    const sending = texts.slice(0, 20).map((text) => second.node.send('general', text));
    await realTime.waitFor(() => leading.window.events.some(({ event }) => event === 'message'), 'the first is sent');
    sending.push(...texts.slice(20).map((text) => second.node.send('general', text)));
    leading.kill();
    const sent = await Promise.all(sending);
    expect(second.phase).toEqual({ phase: 'running', leads: true });
    expect(new Set(sent.map(({ msg_id }) => msg_id)).size).toBe(texts.length);
    const kept = (await second.node.messages('general', { limit: 100 })).map(({ text }) => text);
    expect([...kept].sort()).toEqual([...texts].sort());
    expect(seen.filter(({ event }) => event === 'reset')).toHaveLength(1);
    await until(async () => (await other.texts('general')).length >= texts.length, 'all have come');
    expect([...(await other.texts('general'))].sort()).toEqual([...texts].sort());
  });

  it('leaves an unlocked identity to the next, without asking for the passphrase again', async () => {
    const name = newBrowser();
    const leading = await openPage(name);
    await leading.window.parley.begin('Ann', 'correct horse');
    const second = tab(name);
    await phase(second, 'running');
    leading.kill();
    await realTime.waitFor(() => second.phase.phase === 'running' && second.phase.leads, 'the second leads');
    expect(await second.node.status()).toMatchObject({ name: 'Ann', encrypted: true });
    await second.close();
    await phase(tab(name), 'locked');
  });

  it('changes nothing for another that asks for the passphrase: whoever types it there goes on', async () => {
    const name = newBrowser();
    const first = tab(name);
    await first.begin('Ann', 'correct horse');
    await first.close();
    const leading = await openPage(name);
    await realTime.waitFor(() => leading.window.parley.phase.phase === 'locked', 'the first asks for the passphrase');
    const second = tab(name);
    await phase(second, 'locked');
    const phases: string[] = [];
    second.onPhase((now) => phases.push(now.phase));
    leading.kill();
    await second.unlock('correct horse');
    expect(second.phase).toEqual({ phase: 'running', leads: true });
    expect(phases).toEqual(['running']);
  });

  it('is replaced by one of many', async () => {
    const name = newBrowser();
    const leading = await openPage(name);
    await leading.window.parley.begin('Ann');
    const followers = await Promise.all([openPage(name), openPage(name)]);
    const last = tab(name);
    await phase(last, 'running');
    leading.kill();
    followers[0]?.kill();
    const { node_id } = await last.node.status();
    expect(node_id).toMatch(/^[0-9a-f-]{36}$/);
    await realTime.waitFor(() => followers[1]?.window.parley.phase.phase === 'running', 'the other follows');
  });
});
