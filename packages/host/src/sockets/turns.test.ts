import type { Connection, ConnectionHandler, Listener } from '@parley/core';
import { afterEach, describe, expect, it } from 'vitest';
import { party } from '../tls/testing.ts';
import { type Taker, Turns } from './turns.ts';

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const nothing = (): void => {};

function handler(message: () => void): ConnectionHandler {
  return { message, data: nothing, keepAlive: nothing, drain: nothing, closed: nothing };
}

describe('turns', () => {
  it('are shared by all who bring something, now or in the last one', async () => {
    const turns = new Turns();
    const turned: number[] = [];
    const taker = (number: number): Taker => ({ turned: () => turned.push(number) });
    expect(turns.share).toBe(256);
    for (let number = 0; number < 8; number++) turns.join(taker(number));
    expect(turns.share).toBe(32);
    await soon();
    expect(turned).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // Who comes first in the next turn does not know yet whether they are as many again.
    turns.join(taker(8));
    expect(turns.share).toBe(32);
    await soon();
    expect(turns.share).toBe(256);
  });

  it('have something for each of very many', () => {
    const turns = new Turns();
    for (let number = 0; number < 1000; number++) turns.join({ turned: nothing });
    expect(turns.share).toBe(8);
  });
});

describe('connections', () => {
  const connections: Connection[] = [];
  let listener: Listener | undefined;
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.destroy();
    await listener?.close();
  });

  it('that bring as much as they can do not keep another from being heard', async () => {
    const [server, client] = [(await party('Anna')).transport(), (await party('Ben')).transport()];
    const accepted: Connection[] = [];
    listener = await server.listen('127.0.0.1:0', (connection) => accepted.push(connection));
    const { address } = listener;
    const heard: string[] = [];
    const connect = async (name: string): Promise<{ dialled: Connection; incoming: Connection }> => {
      const dialled = await client.dial(address, new AbortController().signal);
      dialled.attach(handler(nothing));
      while (accepted.length === 0) await soon();
      const incoming = accepted.pop() as Connection;
      incoming.attach(handler(() => void heard.push(name)));
      incoming.pause();
      connections.push(dialled, incoming);
      return { dialled, incoming };
    };
    const all: Awaited<ReturnType<typeof connect>>[] = [];
    for (let number = 0; number < 8; number++) all.push(await connect('loud'));
    const each = 10_000;
    for (const { dialled } of all) for (let number = 0; number < each; number++) dialled.send(`"${'x'.repeat(100)}"`);
    const quiet = await connect('quiet');
    quiet.dialled.send('"and me"');
    // Until the sockets have taken what they can.
    const queued = (): number => all.reduce((sum, { dialled }) => sum + dialled.queued, 0);
    for (let before = -1; before !== queued(); ) {
      before = queued();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (const { incoming } of [...all, quiet]) incoming.resume();
    while (heard.length < all.length * each + 1) await soon();
    // Of each of the others no more than its share, and what was being read already: a record of TLS.
    expect(heard.indexOf('quiet')).toBeLessThan(2000);
  });
});
