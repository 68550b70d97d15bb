import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lab, until } from '../e2e/host-lab.ts';
import { PythonClient, pythonFault, runPython } from './python.ts';

const VECTORS = join(import.meta.dirname, '../../docs/protocol/vectors.json');
const FAULT = pythonFault();

describe('a client in Python that follows docs/protocol', () => {
  let lab: Lab;
  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.close());

  it('comes to the same bytes as the vectors', ({ skip }) => {
    skip(FAULT !== undefined, `${FAULT}`);
    const { status, stdout, stderr } = runPython('check_vectors.py', VECTORS);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    const counts = JSON.parse(stdout) as Record<string, number>;
    expect(counts).toMatchObject({
      certificates: 3,
      link_proof: 6,
      registry: 18,
      lan: 9,
      toward: 2,
      circuit: 8,
      jcs_numbers: 24,
      json_refused: 10,
    });
    expect(counts.auth).toBeGreaterThanOrEqual(42);
  });

  it('is a member among members', async ({ skip }) => {
    skip(FAULT !== undefined, `${FAULT}`);
    const server = await lab.spawn({ data: lab.dir('server'), nodeType: 'server', name: 'hub', tls: '127.0.0.1:0' });
    const address = server.ready.tls ?? '';
    const ann = await lab.spawn({ data: lab.dir('ann'), nodeType: 'client', name: 'ann', connect: [address] });
    await until(async () => (await ann.client.status()).links.length === 1, 'Ann has a link');
    await ann.client.create('lobby');
    await ann.client.send('lobby', 'before you came');

    const member = new PythonClient('member.py', address, 'Monty', 'lobby', 'Grüße \u{1F40D}');
    lab.after(() => member.kill());
    const open = await until(() => member.find('open'), 'the link is open');
    expect(open).toMatchObject({
      peer: server.ready.node_id,
      tls: 'TLSv1.3',
      alpn: 'parley/1',
      attributes: { node_type: 'server', relays: '1', name: 'hub' },
    });
    const monty = open.node_id as string;

    // What it hears by itself: routes, and the channel as it was announced before.
    await until(
      () => member.find('routing', ({ full, nodes }) => full === true && (nodes as string[]).includes(ann.ready.node_id)),
      'routes',
    );
    expect(await until(() => member.find('channel'), 'the channel')).toMatchObject({ creator: ann.ready.key });

    // What it says: JOIN and MESSAGE, which the server acknowledges and Ann receipts.
    const acked = await until(() => member.find('acked'), 'its message is acknowledged');
    expect(acked).toMatchObject({ by: server.ready.node_id, origin_id: monty, recipient: [{ node_id: ann.ready.node_id }] });
    expect(await until(() => member.find('receipt'), 'a RECEIPT')).toMatchObject({ state: 'delivered', by: ann.ready.node_id });
    const heard = await until(async () => (await ann.client.messages('lobby')).find(({ own }) => !own), 'Ann has its message');
    expect(heard).toMatchObject({ text: 'Grüße \u{1F40D}', seq: 1, sender: { node_id: monty }, via: [server.ready.node_id] });

    // Its certificate is asked for, believed, and shown.
    await until(() => member.find('certificate', ({ to }) => to === ann.ready.node_id), 'its certificate is asked for');
    const name = async () => (await ann.client.members('lobby')).find(({ node_id }) => node_id === monty)?.name;
    await until(async () => (await name()) === 'Monty', 'Ann sees its name');

    // What it hears from others: a message, which it receipts, and what it missed.
    const sent = await ann.client.send('lobby', 'welcome');
    await until(() => member.find('message', ({ text, how }) => text === 'welcome' && how === 'sent'), 'it has the message of Ann');
    const mark = await until(async () => {
      const found = (await ann.client.messages('lobby')).find(({ msg_id }) => msg_id === sent.msg_id);
      return found?.delivery?.state === 'delivered' && found.delivery;
    }, 'Ann has its RECEIPT');
    expect(mark.recipients).toMatchObject([{ node_id: monty, state: 'delivered' }]);
    await until(() => member.find('message', ({ text, how }) => text === 'before you came' && how === 'history'), 'it caught up');

    expect(member.events.filter(({ event }) => event === 'nack')).toEqual([]);
    expect(await member.end()).toBe(0);
    await until(async () => (await server.client.status()).links.length === 1, 'the server heard its goodbye');
    expect(server.log()).toContain('other side: going away');
    expect(server.log()).not.toMatch(/"rejected"/);
  });

  it('keeps its record with a server over UDP, and is taken into its table', async ({ skip }) => {
    skip(FAULT !== undefined, `${FAULT}`);
    const { host } = await lab.server();
    const { node } = host;
    // Its own record is made soon after it begins to listen.
    await expect.poll(() => node.registry.get(node.identity.nodeId), { timeout: 20_000 }).toBeDefined();
    const client = new PythonClient('registry.py', node.udp.address ?? '');
    lab.after(() => client.kill());
    const code = await client.ended;
    const own = client.find('own')?.node_id as string;
    expect(code).toBe(0);
    expect(client.events).toEqual([
      { event: 'short', retry: true, size: 28 },
      { event: 'unproved', status: 'retry' },
      { event: 'met', key: node.identity.keyId, size: 156 },
      { event: 'stored', status: 'stored' },
      { event: 'again', status: 'same' },
      { event: 'older', status: 'stale' },
      { event: 'forged', status: 'refused' },
      { event: 'own', node_id: own, seq: 7, metadata: { city: 'Graz' }, contacts: 0 },
      { event: 'server', node_id: node.identity.nodeId, node_type: 'server', endpoints: node.endpoints.list() },
      { event: 'nobody', found: false, listed: true },
    ]);
    expect(node.registry.get(own)).toMatchObject({ nodeId: own, seq: 7, metadata: { city: 'Graz' } });
  });

  it.for([
    { protocols: ['parley/1'], answer: { event: 'open', alpn: 'parley/1' } },
    { protocols: ['other/1', 'parley/1'], answer: { event: 'open', alpn: 'parley/1' } },
    { protocols: [], answer: { event: 'open', alpn: null } },
    { protocols: ['other/1'], answer: { event: 'refused', error: expect.stringMatching(/no.application.protocol/i) } },
  ])('offers ALPN $protocols', async ({ protocols, answer }, { skip }) => {
    skip(FAULT !== undefined, `${FAULT}`);
    const { host } = await lab.server();
    const client = new PythonClient('alpn.py', host.ready.tls ?? '', ...protocols);
    lab.after(() => client.kill());
    expect(await client.ended).toBe(0);
    expect(client.events).toEqual([answer]);
  });

  it("is told why it may not use another's node id", async ({ skip }) => {
    skip(FAULT !== undefined, `${FAULT}`);
    const { host } = await lab.server();
    const client = new PythonClient('impostor.py', host.ready.tls ?? '', '00000000-0000-8000-8000-000000000000');
    lab.after(() => client.kill());
    expect(await client.ended).toBe(0);
    expect(client.events).toEqual([{ event: 'refused', reason: 'the node id does not match the key' }]);
  });
});
