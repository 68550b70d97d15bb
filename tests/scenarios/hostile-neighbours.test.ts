import { linkDefaults } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { LETTER, LinkLab, NOTE, type Party, SHOUT } from './lib/link-lab.ts';

const score = (party: Party, keyId: string): number => party.links.reputation.score(keyId, party.links.now());

describe('a neighbour that floods', () => {
  it('is read no faster than its rate, and everything it says comes in the end', async () => {
    const lab = new LinkLab('flood-1');
    const server = await lab.listener('s', { config: { relayRate: 100, burstSeconds: 1 } });
    const puppet = await lab.neighbour('p', server);
    for (let i = 0; i < 1000; i++) puppet.say(NOTE, { number: i });
    await lab.world.advance(4000);
    // A burst of 100, and 100 a second; what had arrived when reading stopped still counts.
    expect(server.heard.length).toBeLessThan(700);
    await lab.world.runUntil(() => server.heard.length === 1000, { limitMs: 20_000 });
    expect(server.heard.map(({ data }) => data.number)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(score(server, puppet.identity.keyId)).toBe(0);
    expect(server.metrics.value('paced')).toBeGreaterThan(0);
  });

  it('is paced by keep-alives too', async () => {
    const lab = new LinkLab('flood-2');
    const server = await lab.listener('s', { config: { relayRate: 100, burstSeconds: 1 } });
    const puppet = await lab.neighbour('p', server);
    for (let i = 0; i < 5000; i++) puppet.connection.keepAlive();
    await lab.world.advance(1000);
    expect(server.metrics.value('paced')).toBeGreaterThan(0);
    expect(server.links.size).toBe(1);
  });

  it('loses its floods above the quota, counted, and is banned when it goes on', async () => {
    const lab = new LinkLab('flood-3');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server, { attributes: { node_type: 'client' } });
    for (let i = 0; i < 60; i++) puppet.say(SHOUT, { number: i }, { flood: true });
    await lab.world.advance(500);
    expect(server.heard.length).toBe(10);
    expect(server.metrics.value('rejections', 'quota-link')).toBe(50);
    expect(score(server, puppet.identity.keyId)).toBeCloseTo(5, 1);
    for (let i = 0; i < 1000; i++) puppet.say(SHOUT, { number: i }, { flood: true });
    await lab.world.runUntil(() => puppet.ended);
    expect(puppet.heard('BYE')).toEqual([{ reason: 'banned' }]);
    expect(server.downs.map(({ reason }) => reason)).toEqual(['banned']);
  });

  it('that speaks for many is given ten times the quota of one', async () => {
    const lab = new LinkLab('flood-4');
    const server = await lab.listener('s');
    const relay = await lab.neighbour('p', server);
    for (let i = 0; i < 105; i++) relay.say(SHOUT, { number: i }, { flood: true });
    await lab.world.advance(50);
    expect(server.heard.length).toBe(100);
  });

  it('is not limited in directed messages, which come from many: those are paced', async () => {
    const lab = new LinkLab('flood-5');
    const server = await lab.listener('s');
    const relay = await lab.neighbour('p', server);
    for (let i = 0; i < 200; i++) relay.say(LETTER, { number: i });
    await lab.world.advance(500);
    expect(server.heard.length).toBe(200);
    expect(score(server, relay.identity.keyId)).toBe(0);
  });
});

describe('misbehaviour', () => {
  it.each([
    ['what is not JSON', (raw: (json: string) => void) => raw('{'), 'json'],
    ['what is no object', (raw: (json: string) => void) => raw('[]'), 'json'],
    ['an empty object', (raw: (json: string) => void) => raw('{}'), 'head'],
    ['a head without ttl', (raw: (json: string) => void) => raw('{"msg_type":"NOTE","msg_data":{},"flood":false}'), 'head'],
    [
      'a flood flag of another verb',
      (raw: (json: string) => void) => raw('{"msg_type":"NOTE","msg_data":{},"flood":true,"ttl":1}'),
      'flood-flag',
    ],
    [
      'data that does not fit',
      (raw: (json: string) => void) => raw('{"msg_type":"TRANSFER_CREDIT","msg_data":{"transfer":-1},"flood":false,"ttl":1}'),
      'schema',
    ],
    [
      'a message above the limit of its verb',
      (raw: (json: string) => void) => raw(`{"msg_type":"SHOUT","x":"${'x'.repeat(5000)}"}`),
      'verb-size',
    ],
  ])('counts %s, and bans only after many such', async (_, offend, reason) => {
    const lab = new LinkLab('offence-1');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    offend((json) => puppet.raw(json));
    await lab.world.advance(100);
    expect(server.metrics.value('rejections', reason)).toBe(1);
    const one = score(server, puppet.identity.keyId);
    expect(one).toBeGreaterThan(0);
    expect(one).toBeLessThanOrEqual(linkDefaults.banScore / 10);
    expect(server.links.size).toBe(1);
    for (let i = 0; i < 30; i++) offend((json) => puppet.raw(json));
    await lab.world.runUntil(() => puppet.ended);
    expect(server.metrics.value('rejections', reason)).toBe(Math.ceil(linkDefaults.banScore / one));
  });

  it('bans the key from every address, for a while, and nobody else', async () => {
    const lab = new LinkLab('offence-2');
    const server = await lab.listener('s', { config: { banMs: 60_000 } });
    const puppet = await lab.neighbour('p', server);
    for (let i = 0; i < 30; i++) puppet.raw('{');
    await lab.world.runUntil(() => puppet.ended);
    const again = await lab.puppet('elsewhere', server, { as: 'p' });
    again.hello();
    await lab.world.runUntil(() => again.ended);
    expect(again.heard('BYE')).toEqual([{ reason: 'banned' }]);
    expect(server.fails.map((error) => error.code)).toEqual(['banned']);
    const other = await lab.puppet('p', server, { as: 'another key, the same host' });
    other.hello();
    await lab.world.runUntil(() => server.links.get(other.identity.nodeId) !== undefined);
    await lab.world.advance(60_000);
    const back = await lab.puppet('later', server, { as: 'p' });
    back.hello();
    await lab.world.runUntil(() => server.links.get(back.identity.nodeId) !== undefined);
  });

  it('fades: the score halves in its time', async () => {
    const lab = new LinkLab('offence-3');
    const server = await lab.listener('s', { config: { scoreHalfLifeMs: 10_000 } });
    const puppet = await lab.neighbour('p', server);
    for (let i = 0; i < 10; i++) puppet.raw('{');
    await lab.world.advance(1000);
    const before = score(server, puppet.identity.keyId);
    await lab.world.advance(10_000);
    expect(score(server, puppet.identity.keyId)).toBeCloseTo(before / 2, 5);
  });

  it('an unknown verb of a newer neighbour is ignored and counted, whatever is in it', async () => {
    const lab = new LinkLab('offence-4');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    for (let i = 0; i < 500; i++) puppet.say('TELEPORT', { to: 'moon' }, { ttl: 'far' });
    puppet.say(NOTE, {});
    await lab.world.runUntil(() => server.heard.length === 1);
    expect(server.metrics.value('rejections', 'verb-unknown')).toBe(500);
    expect(score(server, puppet.identity.keyId)).toBe(0);
  });

  it('empty data frames are an offence, as they would cost nothing to send', async () => {
    const lab = new LinkLab('offence-5');
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    for (let i = 0; i < 300; i++) puppet.connection.sendData(0, new Uint8Array(0));
    await lab.world.runUntil(() => puppet.ended);
    expect(server.downs.map(({ reason }) => reason)).toEqual(['banned']);
  });

  it('says what is wrong with short messages only: to find all faults of a long one takes long', async () => {
    const lab = new LinkLab('offence-6');
    const details: unknown[] = [];
    const server = await lab.listener('s');
    const puppet = await lab.neighbour('p', server);
    server.ports.log.debug = (_, fields) => details.push(fields?.detail);
    puppet.say('ROUTING', { node_id: 1, nodes: [] });
    puppet.say('ROUTING', { node_id: 1, nodes: Array.from({ length: 20_000 }, () => 1) });
    await lab.world.advance(1000);
    expect(details).toEqual(['ROUTING /node_id must be string', 'ROUTING does not fit']);
  });
});
