import { afterEach, describe, expect, it } from 'vitest';
import { Lab, meet, texts, until } from './host-lab.ts';

describe('a network whose nodes remember each other', () => {
  const lab = new Lab();
  afterEach(() => lab.close());

  it('is whole again after a restart of a server and a client that are given no address any more', async () => {
    const server = (name: string, tls: string, connect: string[] = []) =>
      lab.spawn({ data: lab.dir(name), nodeType: 'server', name, tls, connect });
    const s1 = await server('s1', '127.0.0.1:0');
    const s2 = await server('s2', '127.0.0.1:0', [s1.ready.tls ?? '']);
    const s3 = await server('s3', '127.0.0.1:0', [s2.ready.tls ?? '']);
    const client = (name: string, connect: string[] = []) => lab.spawn({ data: lab.dir(name), nodeType: 'client', name, connect });
    const ann = await client('ann', [s1.ready.tls ?? '']);
    const ben = await client('ben', [s3.ready.tls ?? '']);
    await meet('garden', ann.client, ben.client);

    // The one in the middle joins nothing by itself: the server before it never dialled, and it is told nothing now.
    expect(await ann.end('SIGTERM')).toBe(0);
    await s2.end('SIGKILL');
    const again = await client('ann');
    await server('s2', s2.ready.tls ?? '');
    await until(async () => (await again.client.status()).links.length > 0, 'the client has a link again');
    await until(async () => (await again.client.members('garden')).every(({ present }) => present), 'the client reaches the other one');
    await again.client.send('garden', 'we are back');
    expect(await texts(ben.client, 'garden', 1)).toEqual(['we are back']);
  });
});
