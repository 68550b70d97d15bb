import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { switchItems } from '../app/switch-items.ts';
import { graphOf, placesOf, wayOf } from '../network/graph.ts';
import { identicon } from '../people/identicon.ts';
import { Keep } from './keep.ts';
import { deservesNotice, mentions, noticeOf } from './notify.ts';
import { contactIn, formatRoute, parseRoute, type Route } from './route.ts';
import { DEFAULT_SETTINGS, readSettings } from './settings.ts';
import { message, person } from './testing.ts';

function memory(): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const items = new Map<string, string>();
  return {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  };
}

describe('routes', () => {
  it.each<Route>([
    { view: 'home' },
    { view: 'search' },
    { view: 'settings' },
    { view: 'network' },
    { view: 'network', cursor: 'c/1/a/2' },
    { view: 'channel', channelId: 'c' },
    { view: 'channel', channelId: 'c', panel: { kind: 'members' } },
    { view: 'channel', channelId: 'c', panel: { kind: 'message', cursor: 'c/1/a/2' } },
  ])('%o stands in the address and comes back', (route) => {
    expect(parseRoute(formatRoute(route))).toEqual(route);
  });

  it('whatever is typed leads somewhere', () => {
    const views = ['home', 'channel', 'search', 'network', 'settings'];
    fc.assert(fc.property(fc.string(), (hash) => views.includes(parseRoute(hash).view)));
    expect(parseRoute('#/channel/%E0%A4%A')).toEqual({ view: 'home' });
  });

  it('an address that names a contact gives a link to add them by, and is no place', () => {
    expect(contactIn('#/contact/key_x?name=Ada%20L')).toBe('parley:contact/key_x?name=Ada%20L');
    expect(parseRoute('#/contact/key_x?name=Ada')).toEqual({ view: 'home' });
    for (const hash of ['', '#/', '#/contact', '#/contact/', '#/channel/contact/key_x']) expect(contactIn(hash), hash).toBeUndefined();
  });
});

describe('what is kept in the browser', () => {
  it('has drafts of each channel, and forgets what was sent', () => {
    const keep = new Keep(memory());
    keep.setDraft('a', 'half a sent');
    keep.setDraft('b', 'other');
    keep.setDraft('b', '');
    expect([keep.draft('a'), keep.draft('b')]).toEqual(['half a sent', '']);
  });

  it('takes defaults for what is damaged', () => {
    expect(readSettings('{"theme":"pink","notifyDefault":7,"notifyChannel":{"a":"all","b":"loud"},"enterSends":false}')).toEqual({
      ...DEFAULT_SETTINGS,
      notifyChannel: { a: 'all' },
      enterSends: false,
    });
    for (const kept of [null, '', '[]', '{', 'null']) expect(readSettings(kept)).toEqual(DEFAULT_SETTINGS);
    const items = memory();
    items.setItem('parley.outbox', '{"c":[{"msgId":1},{"msgId":"m","text":"x","at":5}],"d":7}');
    expect(new Keep(items).outbox()).toEqual({ c: [{ msgId: 'm', text: 'x', at: 5 }], d: [] });
  });

  it('leaves alone what another window has not handed over yet', () => {
    const items = memory();
    const [one, other] = [new Keep(items), new Keep(items)];
    const say = (msgId: string) => ({ msgId, text: msgId, at: 1 });
    one.setOutbox({ c: [say('a')] }, new Set(['a']));
    other.setOutbox({ c: [say('b')], d: [say('e')] }, new Set(['b', 'e']));
    expect(one.outbox()).toEqual({ c: [say('a'), say('b')], d: [say('e')] });
    one.setOutbox({ c: [] }, new Set(['a']));
    expect(one.outbox()).toEqual({ c: [say('b')], d: [say('e')] });
    other.setOutbox({}, new Set(['b', 'e']));
    expect(one.outbox()).toEqual({});
  });

  it('works where nothing can be kept', () => {
    const refuse = (): never => {
      throw new Error('refused');
    };
    const keep = new Keep({ getItem: refuse, setItem: refuse, removeItem: () => {} });
    keep.setDraft('a', 'x');
    expect(keep.draft('a')).toBe('');
  });

  it('has what the next visit shows first, and nothing that is not of that form', () => {
    const items = memory();
    const keep = new Keep(items);
    expect(keep.shell()).toBeUndefined();
    const channels = [{ id: 'c', name: 'garden', joined: true, members: 2, unread: 1 }];
    const shell = { node_id: 'n', name: 'Ada', display: 'Ada#1a2b', present: false, channels };
    keep.setShell(shell);
    expect(keep.shell()).toEqual(shell);
    for (const wrong of ['[]', '{"name":1}', '{', JSON.stringify({ ...shell, channels: [{ id: 1 }] })]) {
      items.setItem('parley.shell', wrong);
      expect(keep.shell(), wrong).toBeUndefined();
    }
    keep.setShell(shell);
    keep.clear();
    expect(items.getItem('parley.shell')).toBeNull();
  });
});

describe('notifications', () => {
  it('find a name as a word', () => {
    expect(mentions('hello @Mira, come', 'mira')).toBe(true);
    expect(mentions('admirable', 'mira')).toBe(false);
    expect(mentions('admirable Mira!', 'Mira')).toBe(true);
    expect(mentions('anything', '')).toBe(false);
  });

  it('are shown when nobody looks, as the channel is set', () => {
    const settings = { ...DEFAULT_SETTINGS, notifications: true, notifyChannel: { c: 'all' as const, d: 'off' as const } };
    const say = (text: string, channel: string, own = false) => message({ at: 1, text, channel, own });
    expect(deservesNotice(say('x', 'c'), settings, 'Mira', true)).toBe(true);
    expect(deservesNotice(say('x', 'c'), settings, 'Mira', false)).toBe(false);
    expect(deservesNotice(say('x', 'c', true), settings, 'Mira', true)).toBe(false);
    expect(deservesNotice(say('Mira', 'd'), settings, 'Mira', true)).toBe(false);
    expect(deservesNotice(say('x', 'e'), settings, 'Mira', true)).toBe(false);
    expect(deservesNotice(say('Mira?', 'e'), settings, 'Mira', true)).toBe(true);
    expect(deservesNotice(say('Mira?', 'e'), DEFAULT_SETTINGS, 'Mira', true)).toBe(false);
  });

  it('say who wrote what, and nothing in it acts on what stands around it', () => {
    const said = { ...message({ at: 1, text: 'come\u202e\u0007', sender: 'be\u202en' }), channel: 'gar\u2066den' };
    const title = 'be[U+202E]n#0000 in #gar[U+2066]den';
    expect(noticeOf(said, DEFAULT_SETTINGS)).toEqual({ title, body: 'come[U+202E][U+0007]' });
    expect(noticeOf({ ...said, channel: 'ben', channel_kind: 'direct' }, DEFAULT_SETTINGS).title).toBe('ben');
  });

  it('say neither where the user wants that, nor what is to disappear', () => {
    const said = message({ at: 1, text: 'the secret', sender: 'ben' });
    expect(noticeOf({ ...said, expires: '2026-01-02T03:04:05.000Z' }, DEFAULT_SETTINGS).body).not.toContain('secret');
    expect(noticeOf(said, { ...DEFAULT_SETTINGS, notifyText: false })).toEqual({ title: 'Parley', body: 'A new message' });
    expect(readSettings('{"notifyText":false}').notifyText).toBe(false);
    expect(readSettings('{}').notifyText).toBe(true);
  });
});

describe('the quick switcher', () => {
  const channel = (id: string, unread = 0, joined = true) => ({ id, name: id, joined, members: 1, unread });
  const state = {
    channels: [channel('garden'), channel('art'), channel('news', 3), channel('arcade', 0, false)],
    people: { ann: person('ann') },
  };
  const labels = (query: string) => switchItems(state, query).map(({ label }) => label);

  it('begins with what is unread', () => {
    expect(labels('').slice(0, 3)).toEqual(['news', 'art', 'garden']);
  });

  it('finds channels, people and actions, best first', () => {
    expect(labels('ar')).toEqual(['art', 'arcade', 'garden', 'Search messages', 'Keyboard shortcuts']);
    expect(labels('ann')).toContain('ann#0000');
    expect(labels('#gar')).toEqual(['garden']);
    expect(labels('zzz')).toEqual([]);
  });
});

describe('the network', () => {
  const link = (id: string) => ({
    peer: person(id),
    node_type: 'server',
    address: 'h:1',
    dialled: true,
    transport: 'ws',
    latency_ms: 3,
    version: '1',
    queued_bytes: 0,
  });
  const status = { node_id: 'self', name: 'Mira', links: [link('hub')] } as unknown as Parameters<typeof graphOf>[0];
  const known = { person: person('ann'), hops: 2, latencyMs: 9, reliability: 1, via: 'hub' };

  it('has links, and whom they lead to', () => {
    const { nodes, edges } = graphOf(status, [known], {});
    expect(nodes.map(({ id, hops, kind }) => [id, hops, kind])).toEqual([
      ['self', 0, 'self'],
      ['hub', 1, 'server'],
      ['ann', 2, 'unknown'],
    ]);
    expect(edges.map(({ from, to, link }) => [from, to, link])).toEqual([
      ['self', 'hub', true],
      ['hub', 'ann', false],
    ]);
  });

  it('marks the way of a message, over links too', () => {
    const way = wayOf({ ...message({ at: 1, sender: 'ben' }), via: ['far', 'hub'] }, 'self');
    expect(way).toEqual(['ben', 'far', 'hub', 'self']);
    const { edges } = graphOf(status, [], {}, way);
    expect(edges.find(({ from, to }) => (from === 'self' && to === 'hub' ? true : from === 'hub' && to === 'self'))).toMatchObject({
      way: true,
      link: true,
    });
    expect(edges.filter((edge) => edge.way)).toHaveLength(3);
  });
});

describe('places in the picture', () => {
  it('are apart, and no line passes through this tab', () => {
    const link = {
      peer: person('hub'),
      node_type: 'server',
      address: 'h:1',
      dialled: true,
      transport: 'ws',
      latency_ms: 3,
      version: '1',
      queued_bytes: 0,
    };
    const status = { node_id: 'self', name: 'Mira', links: [link] } as unknown as Parameters<typeof graphOf>[0];
    const known = Array.from({ length: 40 }, (_, index) => ({
      person: person(`p${index}`),
      hops: 2,
      latencyMs: 1,
      reliability: 1,
      via: 'hub',
    }));
    const graph = graphOf(status, known, {});
    const places = placesOf(graph);
    const at = (id: string) => places.get(id) ?? { x: Number.NaN, y: Number.NaN };
    const distance = (a: string, b: string): number => Math.hypot(at(a).x - at(b).x, at(a).y - at(b).y);
    const ids = graph.nodes.map(({ id }) => id);
    for (const [index, a] of ids.entries()) for (const b of ids.slice(index + 1)) expect(distance(a, b), `${a} ${b}`).toBeGreaterThan(40);
    for (const { from, to } of graph.edges) {
      if (from === 'self' || to === 'self') continue;
      const [p, q] = [at(from), at(to)];
      expect(Math.abs(p.x * q.y - p.y * q.x) / distance(from, to) + Number(p.x * q.x + p.y * q.y > 0) * 100).toBeGreaterThan(20);
    }
  });

  it('has one for a node that nothing leads to', () => {
    const graph = {
      nodes: [
        { id: 'self', label: '', hops: 0, kind: 'self' as const },
        { id: 'x', label: '', hops: 1, kind: 'unknown' as const },
      ],
      edges: [],
    };
    expect(placesOf(graph).get('x')).toBeDefined();
  });
});

describe('identicons', () => {
  it('are the same for one id, left and right alike, and differ for most', () => {
    const looks = new Set(Array.from({ length: 100 }, (_, index) => JSON.stringify(identicon(`id ${index}`))));
    expect(looks.size).toBeGreaterThan(95);
    for (const [x, y] of identicon('id 1').cells) expect(identicon('id 1').cells).toContainEqual([4 - x, y]);
  });
});
