import type { ChangeView, MessageView, Person } from '@parley/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Lines, type Row } from './rows.ts';
import { message, person } from './testing.ts';
import { addPage, deliver, EMPTY_TIMELINE, firstUnread, gaps, merge, receive } from './timeline.ts';
import type { Outgoing, Timeline } from './types.ts';

const open = (messages: readonly MessageView[], part: Partial<Timeline> = {}): Timeline => ({
  ...EMPTY_TIMELINE,
  messages,
  atEnd: true,
  ...part,
});
const rowsOf = (timeline: Timeline, outbox: readonly Outgoing[], changes?: readonly ChangeView[]): Row[] =>
  new Lines().of(timeline, outbox, changes);
const changeAt = (at: number, id = `${at}`): ChangeView => ({
  id,
  time: new Date(at).toISOString(),
  kind: 'timer',
  by: person('ann'),
  own: false,
  seconds: 60,
});
const texts = (timeline: Timeline): string[] => timeline.messages.map(({ text }) => text);

describe('merge', () => {
  it('is ordered and has everything once, whatever comes in which order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40)), fc.array(fc.nat(40)), (first, second) => {
        const of = (numbers: number[]): MessageView[] => numbers.map((at) => message({ at }));
        const cursors = merge(merge([], of(first)), of(second)).map(({ cursor }) => cursor);
        expect(cursors).toEqual([...new Set([...first, ...second].map((at) => message({ at }).cursor))].sort());
      }),
    );
  });

  it('takes the newer view of a message', () => {
    const old = message({ at: 1, text: 'old' });
    expect(merge([old], [{ ...old, text: 'new' }]).map(({ text }) => text)).toEqual(['new']);
  });
});

describe('a conversation that goes on under another key', () => {
  const said = (id: string, at: number): MessageView => {
    const { cursor, ...rest } = message({ at, text: `${id} ${at}` });
    return { ...rest, cursor: `${id}${cursor.slice(cursor.indexOf('/'))}` };
  };

  it.each([
    ['aaa', 'bbb'],
    ['bbb', 'aaa'],
  ] as const)('is in the order in which it was said (%s, then %s)', (former, now) => {
    const page = [said(former, 1), said(former, 2), said(now, 3)];
    expect(merge([said(now, 4)], page).map(({ text }) => text)).toEqual([...page.map(({ text }) => text), `${now} 4`]);
    const timeline = open(page, { atStart: true });
    expect(texts(receive(timeline, said(now, 5), false)).at(-1)).toBe(`${now} 5`);
    expect(texts(receive(receive(timeline, said(now, 5), false), said(now, 5), false))).toHaveLength(4);
    expect(texts(addPage(open([said(now, 3)]), [said(former, 1), said(former, 2)], 'older', 2))).toEqual(page.map(({ text }) => text));
  });
});

describe('a message that comes', () => {
  const timeline = open([message({ at: 10, text: 'b' }), message({ at: 20, text: 'c' })]);

  it('stands at the end', () => {
    expect(texts(receive(timeline, message({ at: 30, text: 'd' }), false))).toEqual(['b', 'c', 'd']);
  });

  it('stands in its place when it is late, and is marked', () => {
    const late = message({ at: 15, text: 'late' });
    const received = receive(timeline, late, true);
    expect(texts(received)).toEqual(['b', 'late', 'c']);
    expect(received.late).toEqual(new Set([late.cursor]));
  });

  it('is left to the store where the loaded part does not reach', () => {
    expect(receive(timeline, message({ at: 1 }), true)).toBe(timeline);
    const past = open(timeline.messages, { atEnd: false });
    expect(receive(past, message({ at: 30 }), false)).toBe(past);
    expect(receive(open([], { atEnd: false }), message({ at: 30 }), false).messages).toEqual([]);
  });

  it('is shown though it is older than all, when all is loaded', () => {
    expect(texts(receive(open(timeline.messages, { atStart: true }), message({ at: 1, text: 'a' }), true))).toEqual(['a', 'b', 'c']);
  });
});

describe('pages', () => {
  it('go in front and behind, and a short one is the last', () => {
    const middle = open([message({ at: 10 })], { atEnd: false });
    const older = addPage(middle, [message({ at: 1 }), message({ at: 2 })], 'older', 2);
    expect([older.messages.length, older.atStart, older.atEnd]).toEqual([3, false, false]);
    const newer = addPage(older, [message({ at: 20 })], 'newer', 2);
    expect([newer.messages.length, newer.atStart, newer.atEnd]).toEqual([4, false, true]);
    expect(addPage(newer, [], 'older', 2).atStart).toBe(true);
  });
});

describe('delivery', () => {
  const own = message({ at: 10, own: true });
  const delivery = { state: 'delivered' as const, recipients: [] };

  it('changes the own message and no other', () => {
    const timeline = open([message({ at: 5 }), own, message({ at: 20 })]);
    const changed = deliver(timeline, own.msg_id, delivery);
    expect(changed.messages.map((each) => each.delivery?.state)).toEqual([undefined, 'delivered', undefined]);
  });

  it('of a message that is not loaded changes nothing', () => {
    const timeline = open([own]);
    expect(deliver(timeline, 'other', delivery)).toBe(timeline);
  });

  it('ignores the number of a message of somebody else', () => {
    const timeline = open([message({ at: 5 })]);
    expect(deliver(timeline, timeline.messages[0]?.msg_id ?? '', delivery)).toBe(timeline);
  });
});

describe('what is unread', () => {
  const messages = [
    message({ at: 1 }),
    message({ at: 2, own: true }),
    message({ at: 3 }),
    message({ at: 4, own: true }),
    message({ at: 5 }),
  ];

  it('begins at the message of others that many from the end', () => {
    expect(firstUnread(messages, 0)).toBeUndefined();
    expect(firstUnread(messages, 1)).toBe(messages[4]?.cursor);
    expect(firstUnread(messages, 2)).toBe(messages[2]?.cursor);
  });

  it('begins with what is loaded when there is more', () => {
    expect(firstUnread(messages, 99)).toBe(messages[0]?.cursor);
  });
});

describe('gaps', () => {
  const numbered = (...seqs: number[]): MessageView[] => seqs.map((seq, index) => message({ at: index + 1, seq }));
  const counts = (messages: readonly MessageView[]): number[] => messages.map(({ cursor }) => gaps(messages).get(cursor) ?? 0);

  it('are numbers that are missing between two of a sender', () => {
    expect(counts(numbered(5, 6, 9, 10))).toEqual([0, 0, 2, 0]);
  });

  it('close when what was missing came late', () => {
    expect(counts(numbered(5, 8, 6, 7))).toEqual([0, 0, 0, 0]);
    expect(counts(numbered(5, 8, 6))).toEqual([0, 1, 0]);
  });

  it('are not where numbers were spent on what is not shown', () => {
    expect(counts([message({ at: 1, seq: 1 }), message({ at: 2, seq: 6, missing: 0 }), message({ at: 3, seq: 9, missing: 1 })])).toEqual([
      0, 0, 1,
    ]);
  });

  it('are of each sender alone', () => {
    const messages = [
      message({ at: 1, seq: 1, sender: 'a' }),
      message({ at: 2, seq: 7, sender: 'b' }),
      message({ at: 3, seq: 3, sender: 'a' }),
    ];
    expect(counts(messages)).toEqual([0, 0, 1]);
  });

  it('are counted without being walked through', () => {
    expect(counts(numbered(1, Number.MAX_SAFE_INTEGER))).toEqual([0, Number.MAX_SAFE_INTEGER - 2]);
  });
});

describe('rows', () => {
  const noon = Date.UTC(2026, 2, 3, 12);
  const MINUTE = 60_000;
  const kinds = (timeline: Timeline): string[] => rowsOf(timeline, []).map(({ kind }) => kind);

  it('put what one says in a row under one name', () => {
    const messages = [
      message({ at: noon, seq: 1 }),
      message({ at: noon + MINUTE, seq: 2 }),
      message({ at: noon + 2 * MINUTE, seq: 1, sender: 'b' }),
      message({ at: noon + 20 * MINUTE, seq: 2, sender: 'b' }),
    ];
    const continued = rowsOf(open(messages), []).flatMap((row) => (row.kind === 'message' ? [row.continued] : []));
    expect(continued).toEqual([false, true, false, false]);
  });

  it('put what one says on several devices under one name, but for one that was revoked', () => {
    const of = { key: 'key_ann', node_id: 'ann', device: 'Tablet' };
    const by = (seq: number, sender: Person) => ({ ...message({ at: noon + seq, seq, sender: sender.node_id }), sender });
    const messages = [
      by(1, person('ann')),
      by(2, person('tablet', { of })),
      by(2, person('ann')),
      by(3, person('lost', { of: { ...of, former: true } })),
    ].map((each) => ({ ...each, missing: 0 }));
    const continued = rowsOf(open(messages), []).flatMap((row) => (row.kind === 'message' ? [row.continued] : []));
    expect(continued).toEqual([false, true, true, false]);
  });

  it('tell where a day begins, where the unread do, and what is missing', () => {
    const messages = [message({ at: noon, seq: 1 }), message({ at: noon + 48 * 60 * MINUTE, seq: 4 })];
    expect(kinds(open(messages, { atStart: true, unreadFrom: messages[1]?.cursor ?? '', unreadCount: 1 }))).toEqual([
      'start',
      'day',
      'message',
      'day',
      'unread',
      'gap',
      'message',
    ]);
  });

  it('end with what is on its way, unless it has arrived', () => {
    const kept = message({ at: noon, own: true });
    const outgoing = (msgId: string) => ({ msgId, text: 'x', at: noon });
    const rows = rowsOf(open([kept]), [outgoing(kept.msg_id), outgoing('other')]);
    expect(rows.flatMap((row) => (row.kind === 'outgoing' ? [row.outgoing.msgId] : []))).toEqual(['other']);
    expect(rowsOf(open([kept], { atEnd: false }), [outgoing('other')]).filter(({ kind }) => kind === 'outgoing')).toEqual([]);
  });

  it('tell of what was changed at its time, from the oldest message that is loaded on, and after the last where that is', () => {
    const messages = [0, 1, 3].map((after, index) => message({ at: noon + after * MINUTE, seq: index + 1 }));
    const changes = [-MINUTE, 2 * MINUTE, 9 * MINUTE].map((at) => changeAt(noon + at));
    const kinds = (part: Partial<Timeline>): string[] => rowsOf(open(messages, part), [], changes).map(({ kind }) => kind);
    expect(kinds({ atStart: true })).toEqual(['start', 'day', 'change', 'message', 'message', 'change', 'message', 'change']);
    expect(kinds({ atStart: false })).toEqual(['day', 'message', 'message', 'change', 'message', 'change']);
    expect(kinds({ atStart: false, atEnd: false })).toEqual(['day', 'message', 'message', 'change', 'message']);
    // Nobody's name stands over what follows but their own.
    const rows = rowsOf(open(messages), [], changes);
    expect(rows.flatMap((row) => (row.kind === 'message' ? [row.continued] : []))).toEqual([false, true, false]);
    expect(rowsOf(open([], { atStart: true }), [], changes).filter(({ kind }) => kind === 'change')).toHaveLength(3);
  });

  it('are keyed each by a key of its own', () => {
    const messages = Array.from({ length: 50 }, (_, index) =>
      message({ at: noon + index * 9 * 60 * MINUTE, seq: index * 2 + 1, sender: index % 2 ? 'a' : 'b' }),
    );
    const keys = rowsOf(open(messages, { atStart: true }), [{ msgId: 'm', text: 'x', at: noon }]).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('lines that are kept from change to change', () => {
  const HOUR = 3_600_000;
  const step = fc.oneof(
    fc.record({ kind: fc.constant('comes' as const), at: fc.nat(60), seq: fc.nat(8), sender: fc.constantFrom('ann', 'ben', 'self') }),
    fc.record({ kind: fc.constant('delivered' as const), index: fc.nat(20) }),
    fc.record({ kind: fc.constant('read' as const), index: fc.nat(20) }),
    fc.record({ kind: fc.constant('waits' as const), count: fc.nat(2) }),
    fc.record({ kind: fc.constant('changed' as const), at: fc.nat(60) }),
  );

  it('are those that one would make anew', () => {
    fc.assert(
      fc.property(fc.boolean(), fc.array(step, { maxLength: 30 }), (atStart, steps) => {
        const lines = new Lines();
        let timeline = open([], { atStart });
        let outbox: Outgoing[] = [];
        let changes: readonly ChangeView[] = [];
        for (const next of steps) {
          if (next.kind === 'comes') {
            const made = message({ at: next.at * HOUR, seq: next.seq, sender: next.sender, own: next.sender === 'self' });
            timeline = receive(timeline, made, next.at % 3 === 0);
          } else if (next.kind === 'delivered') {
            const sent = timeline.messages[next.index];
            if (sent) timeline = deliver(timeline, sent.msg_id, { state: 'delivered', recipients: [] });
          } else if (next.kind === 'read') {
            const { unreadFrom: _, ...rest } = timeline;
            const first = timeline.messages[next.index]?.cursor;
            timeline = first === undefined ? rest : { ...rest, unreadFrom: first, unreadCount: 1 };
          } else if (next.kind === 'changed') {
            const one = changeAt(next.at * HOUR, `${next.at} ${changes.length}`);
            changes = [...changes, one].sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
          } else outbox = Array.from({ length: next.count }, (_, at) => ({ msgId: `out ${at}`, text: 'x', at }));
          expect(lines.of(timeline, outbox, changes)).toEqual(rowsOf(timeline, outbox, changes));
        }
      }),
    );
  });

  it('stay the same objects where nothing has changed', () => {
    const lines = new Lines();
    const timeline = open([message({ at: 1 }), message({ at: 2 })], { atStart: true });
    const before = lines.of(timeline, []);
    const after = lines.of(receive(timeline, message({ at: 3 }), false), []);
    expect(after).toHaveLength(before.length + 1);
    for (const [index, row] of before.entries()) expect(after[index]).toBe(row);
  });
});
