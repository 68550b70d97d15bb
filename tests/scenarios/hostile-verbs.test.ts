import { type AnyVerb, composeMessage, type JsonObject, type JsonValue, type Message, receive, verbs } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LinkLab, Puppet } from './lib/link-lab.ts';
import { Network } from './lib/network.ts';
import { casesOf, changed, type Schema, sampleOf } from './lib/schemas.ts';

const schemaOf = (verb: AnyVerb): Schema => verb.spec.data as unknown as Schema;
const auth = { key: `key_${'1'.repeat(44)}`, time: '2026-01-01T00:00:00.000Z', sig: `${'A'.repeat(86)}==` };

function messageOf(verb: AnyVerb, data: JsonValue): string {
  const head: JsonObject = { msg_type: verb.name, msg_data: data, ttl: verb.spec.ttl, flood: verb.spec.reach === 'flood' };
  return JSON.stringify(verb.spec.proof === 'auth' ? { ...head, auth } : head);
}

/** What comes on a link by itself. What exists only inside SEALED is checked there the same way, by `Sealed`. */
const inClear = verbs.all().filter(({ spec }) => spec.reach !== 'sealed' && spec.reach !== 'circuit');
const taken = (json: string) => receive(json, verbs, 'open', () => true);

describe.each(inClear.map((verb) => [verb.name, verb] as const))('%s', (_, verb) => {
  const schema = schemaOf(verb);
  const least = sampleOf(schema, false);
  const full = sampleOf(schema, true);

  it('is taken with the least that it needs, and with all that it may have', () => {
    for (const data of [least, full]) {
      const received = taken(messageOf(verb, data));
      expect(received.rejected === undefined ? received.message.msg_data : received).toEqual(data);
    }
  });

  it('is refused for each part that is missing, of another type, too long or out of range, and for nothing that is merely new', () => {
    const cases = casesOf(schema).filter(({ path }) => path.length > 0);
    expect(cases.length).toBeGreaterThan(10);
    const surprises: string[] = [];
    for (const { what, path, value, fits } of cases) {
      const received = taken(messageOf(verb, changed(full, path, value)));
      const expected = fits ? received.rejected === undefined : received.rejected === 'schema' || received.rejected === 'verb-size';
      if (!expected) surprises.push(`${path.join('.')} ${what}: ${received.rejected ?? 'taken'}`);
      // What fits is passed on as it came.
      if (fits && received.rejected === undefined) expect(received.message.msg_data).toEqual(changed(full, path, value));
    }
    expect(surprises).toEqual([]);
  });

  it('is refused with data that is no object', () => {
    for (const data of [null, true, 1, 'text', []]) expect(taken(messageOf(verb, data)).rejected).toBe('head');
  });

  it('is refused with the flood flag of another kind of verb', () => {
    const message = JSON.parse(messageOf(verb, full)) as JsonObject;
    expect(taken(JSON.stringify({ ...message, flood: !message.flood })).rejected).toBe('flood-flag');
  });

  it('before a link is open is refused, unless it opens one', () => {
    const received = receive(messageOf(verb, full), verbs, 'opening', () => true);
    expect(received.rejected).toBe(verb.spec.opening ? undefined : 'link-not-open');
  });
});

/** A neighbour of a whole node, played by hand. */
async function neighbour(net: Network, host: string): Promise<Puppet> {
  const lab = new LinkLab(`${net.world.seed} ${host}`);
  const identity = await lab.identity(host);
  const transport = net.world.network.transport(host, { certificate: identity.certificate });
  const connection = await net.world.until(transport.dial('s:4000', new AbortController().signal));
  const puppet = new Puppet(net.world, identity, connection);
  puppet.hello();
  await net.world.runUntil(() => net.get('s').node.links.get(identity.nodeId) !== undefined);
  return puppet;
}

const heard = (puppet: Puppet, verb: string): Message[] =>
  puppet.recorder.messages.map((text) => JSON.parse(text) as Message).filter(({ msg_type }) => msg_type === verb);

describe('what a node passes on', () => {
  const travelling = inClear.filter((verb) => verb.spec.reach !== 'link');

  it.each(travelling.map((verb) => [verb.name, verb] as const))(
    'keeps what it does not know in %s, and changes nothing but ttl and via',
    async (_, verb) => {
      const net = new Network({ seed: `keeps ${verb.name}` });
      await net.server('s');
      const from = await neighbour(net, 'a');
      const to = await neighbour(net, 'b');
      // Names that are numbers come first in an object, whatever the order in which they were written.
      const unknown: JsonObject = { 7: 'seven', 0: [0], newer: { deep: [null, 1e20, 'ü\u2028"\\'] }, '': '', constructor: 'x' };
      const ids = { node_id: from.identity.nodeId, recipient_id: to.identity.nodeId, recipient: [{ node_id: to.identity.nodeId }] };
      const connect = { src_node_id: from.identity.nodeId, dst_node_id: to.identity.nodeId, dst: '' };
      const wanted = new Set(Object.keys(schemaOf(verb).properties ?? {}));
      const own = Object.fromEntries(Object.entries({ ...ids, ...connect }).filter(([key]) => wanted.has(key)));
      const data = { ...(sampleOf(schemaOf(verb), false) as JsonObject), ...own, ...unknown };
      const message = await composeMessage(from.identity, verb, data, net.world.clock.now());
      from.raw(JSON.stringify({ ...message, ttl: 9, hops: 3, 5: 'five' }));
      await net.world.runUntil(() => heard(to, verb.name).length > 0, { limitMs: 10_000 });
      const [passed] = heard(to, verb.name);
      expect(passed).toEqual({ ...message, ttl: 8, via: [net.get('s').identity.nodeId], hops: 3, 5: 'five' });
      expect(taken(JSON.stringify(passed)).rejected).toBeUndefined();
      const { links } = net.get('s').node;
      expect(links.reputation.score(from.identity.keyId, links.now())).toBe(0);
    },
  );

  it.each(travelling.map((verb) => [verb.name, verb] as const))('has no via in %s where its origin forbids it', async (_, verb) => {
    const net = new Network({ seed: `forbids ${verb.name}` });
    await net.server('s');
    const from = await neighbour(net, 'a');
    const to = await neighbour(net, 'b');
    const ids: JsonObject = { node_id: from.identity.nodeId, recipient_id: to.identity.nodeId, src_node_id: from.identity.nodeId };
    const data = { ...(sampleOf(schemaOf(verb), false) as JsonObject), ...ids };
    if ('recipient' in data) data.recipient = [{ node_id: to.identity.nodeId }];
    if ('dst_node_id' in data) Object.assign(data, { dst_node_id: to.identity.nodeId, dst: '' });
    const message = await composeMessage(from.identity, verb, data, net.world.clock.now());
    from.raw(JSON.stringify({ ...message, via: false }));
    await net.world.runUntil(() => heard(to, verb.name).length > 0, { limitMs: 10_000 });
    expect(heard(to, verb.name)[0]?.via).toBe(false);
  });
});
