import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../util/bytes.ts';
import type { JsonObject } from '../wire/json.ts';
import { MAX_VIA } from '../wire/message.ts';
import { Text, Type } from '../wire/schema.ts';
import { defineVerb, VerbRegistry } from '../wire/verb.ts';
import { receive } from './receive.ts';

const GUID = '01234567-89ab-8cde-8f01-23456789abcd';
const common = { summary: '', source: '+', ttl: 1, proof: 'link', acked: false, rate: { perSecond: 1, burst: 1 }, maxBytes: 1000 } as const;
const data = Type.Object({ text: Type.Optional(Text(2000)) });
const LINK = defineVerb({ ...common, name: 'LINK', reach: 'link', data });
const FLOOD = defineVerb({ ...common, name: 'FLOOD', reach: 'flood', data });
const KNOCK = defineVerb({ ...common, name: 'KNOCK', reach: 'link', opening: true, data });
const verbs = new VerbRegistry([LINK, FLOOD, KNOCK]);

const message = (type: string, msg_data: JsonObject = {}, changes: JsonObject = {}): string =>
  JSON.stringify({ msg_type: type, msg_data, ttl: 1, flood: type === 'FLOOD', ...changes });
const outcome = (json: string | Uint8Array, phase: 'opening' | 'open' = 'open', quota = true): string =>
  receive(json, verbs, phase, () => quota).rejected ?? 'taken';

/** A message of exactly so many bytes. */
function ofBytes(type: string, bytes: number, changes: JsonObject = {}): string {
  const empty = message(type, { text: '' }, changes);
  return message(type, { text: 'x'.repeat(bytes - empty.length) }, changes);
}

describe('receive', () => {
  it('takes what fits, as bytes or as text, with what it does not know', () => {
    const json = message('LINK', { text: 'hello', more: [1] }, { extra: true });
    for (const input of [json, utf8(json)]) {
      const received = receive(input, verbs, 'open', () => true);
      expect(received).toEqual({ verb: LINK, message: JSON.parse(json) });
    }
  });

  it('looks at length, verb, link state, quota, head and data in this order', () => {
    const wrongInAll = (type: string): string => JSON.stringify({ msg_type: type, msg_data: 1, ttl: 'x', flood: 1, pad: 'x'.repeat(4000) });
    expect(outcome('{')).toBe('json');
    expect(outcome(wrongInAll('NEW'))).toBe('verb-unknown');
    expect(outcome(wrongInAll('LINK'), 'opening', false)).toBe('verb-size');
    const small = (type: string): string => JSON.stringify({ msg_type: type, msg_data: 1, ttl: 'x', flood: 1 });
    expect(outcome(small('LINK'), 'opening', false)).toBe('link-not-open');
    expect(outcome(small('KNOCK'), 'opening', false)).toBe('quota-link');
    expect(outcome(small('KNOCK'), 'opening')).toBe('head');
    expect(outcome(message('FLOOD', { text: '\n' }, { flood: false }))).toBe('flood-flag');
    expect(outcome(message('FLOOD', { text: '\n' }))).toBe('schema');
  });

  it('does not charge the quota for what it refuses before', () => {
    let asked = 0;
    const quota = (): boolean => {
      asked++;
      return true;
    };
    for (const json of ['{', message('NEW'), ofBytes('LINK', 2000)]) receive(json, verbs, 'open', quota);
    receive(message('LINK'), verbs, 'opening', quota);
    expect(asked).toBe(0);
    receive(message('LINK'), verbs, 'open', quota);
    expect(asked).toBe(1);
  });

  it('knows verbs by their own names alone', () => {
    for (const type of ['constructor', '__proto__', 'toString', 'link', 'LINK ']) expect(outcome(message(type))).toBe('verb-unknown');
    for (const type of [1, null, {}, ['LINK']]) expect(outcome(JSON.stringify({ msg_type: type }))).toBe('head');
    expect(outcome(message('NEW'), 'opening')).toBe('head');
  });

  it('counts bytes, not characters, whatever the transport gives', () => {
    const wide = message('LINK', { text: 'ü'.repeat(480) });
    expect(wide.length).toBeLessThan(1000);
    expect(outcome(wide)).toBe('verb-size');
    expect(outcome(utf8(wide))).toBe('verb-size');
  });

  it('holds the link alone to its limit as it comes', () => {
    expect(outcome(ofBytes('LINK', 1000))).toBe('taken');
    expect(outcome(ofBytes('LINK', 1001))).toBe('verb-size');
    expect(outcome(` ${ofBytes('LINK', 1000)}`)).toBe('verb-size');
  });

  it('leaves room for via beyond the limit, however long the way was', () => {
    expect(outcome(ofBytes('FLOOD', 1000))).toBe('taken');
    expect(outcome(ofBytes('FLOOD', 1001))).toBe('verb-size');
    const via = Array.from({ length: MAX_VIA }, () => GUID);
    const room = message('FLOOD', { text: '' }, { via }).length - message('FLOOD', { text: '' }).length;
    expect(outcome(ofBytes('FLOOD', 1000 + room, { via }))).toBe('taken');
    expect(outcome(ofBytes('FLOOD', 1001 + room, { via }))).toBe('verb-size');
  });

  it('refuses what would be too long once the next hop has written it anew', () => {
    // 5 bytes each as they come, 22 as they are passed on.
    const numbers = (count: number): string =>
      message('FLOOD').replace('{}', `{"more":[${Array.from({ length: count }, () => '1e20').join(',')}]}`);
    const longest = (): number => {
      let count = 1;
      while (outcome(numbers(count + 1)) === 'taken') count++;
      return count;
    };
    const count = longest();
    expect(numbers(count + 1).length).toBeLessThan(400);
    expect(outcome(numbers(count + 1))).toBe('verb-size');
    const rewritten = JSON.stringify(JSON.parse(numbers(count)));
    expect(rewritten.length).toBeLessThanOrEqual(1000);
    expect(rewritten.length).toBeGreaterThan(1000 - 22);
  });

  it('takes nothing that it would refuse from one who passes it on', () => {
    const number = fc.oneof(
      fc.constantFrom('1e20', '1E5', '-1e20', '1e-6', '0.1e1', '1e21', '-0', '123456789012345678'),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    );
    const unknown = fc.array(
      fc.oneof(
        number,
        fc.string().map((text) => JSON.stringify(text)),
      ),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(unknown, fc.nat({ max: 900 }), fc.nat({ max: 3 }), (items, length, spaces) => {
        const json = message('FLOOD', { text: 'x'.repeat(length) }, { ttl: 30 }).replace(
          '{"text"',
          `{"more":[${items.join(`,${' '.repeat(spaces)}`)}],"text"`,
        );
        const received = receive(json, verbs, 'open', () => true);
        if (received.rejected !== undefined) return;
        let next = received.message;
        for (let hop = 0; hop < 3; hop++) {
          next = { ...next, ttl: next.ttl - 1, via: [...(next.via || []), GUID] };
          const again = receive(JSON.stringify(next), verbs, 'open', () => true);
          expect(again.rejected).toBeUndefined();
        }
      }),
      { numRuns: 1000 },
    );
  });
});
