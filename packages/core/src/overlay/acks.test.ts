import { describe, expect, it } from 'vitest';
import type { Link } from '../link/index.ts';
import type { JsonObject } from '../wire/json.ts';
import { Acks } from './acks.ts';
import { ACK, MAX_ALSO } from './verbs.ts';

/** A link that remembers what was said on it. */
function mouth(): { link: Link; said: JsonObject[] } {
  const said: JsonObject[] = [];
  const say = (verb: unknown, data: JsonObject): boolean => {
    expect(verb).toBe(ACK);
    expect(ACK.validate.explain(data)).toBe('fits');
    said.push(data);
    return true;
  };
  return { link: { say } as unknown as Link, said };
}

const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const [self, ann, eve, ben, cas] = [1, 2, 3, 4, 5].map(id) as [string, string, string, string, string];

describe('ACKs', () => {
  it('of one step are one for each origin and list of recipients, in order', async () => {
    const { link, said } = mouth();
    const acks = new Acks(self);
    acks.add(link, ann, id(11), [ben]);
    acks.add(link, ann, id(12), [ben]);
    acks.add(link, eve, id(11), [ben]);
    acks.add(link, ann, id(13), [ben, cas]);
    acks.add(link, ann, id(14), undefined);
    acks.add(link, ann, id(15), [ben]);
    expect(said).toEqual([]);
    await Promise.resolve();
    expect(said).toEqual([
      { node_id: self, msg_id: id(11), origin_id: ann, recipient: [{ node_id: ben }], also: [id(12), id(15)] },
      { node_id: self, msg_id: id(11), origin_id: eve, recipient: [{ node_id: ben }] },
      { node_id: self, msg_id: id(13), origin_id: ann, recipient: [{ node_id: ben }, { node_id: cas }] },
      { node_id: self, msg_id: id(14), origin_id: ann },
    ]);
  });

  it('do not wait for those of a later step, nor go on another link', async () => {
    const [one, other] = [mouth(), mouth()];
    const acks = new Acks(self);
    acks.add(one.link, ann, id(11), undefined);
    acks.add(other.link, ann, id(12), undefined);
    await Promise.resolve();
    acks.add(one.link, ann, id(13), undefined);
    await Promise.resolve();
    expect(one.said.map(({ msg_id, also }) => [msg_id, also])).toEqual([
      [id(11), undefined],
      [id(13), undefined],
    ]);
    expect(other.said.map(({ msg_id }) => msg_id)).toEqual([id(12)]);
  });

  it('name no more messages than fit, and each of them once', async () => {
    const { link, said } = mouth();
    const acks = new Acks(self);
    const ids = Array.from({ length: 2 * (MAX_ALSO + 1) + 1 }, (_, i) => id(100 + i));
    for (const msgId of ids) acks.add(link, ann, msgId, [ben]);
    await Promise.resolve();
    expect(said.map(({ also }) => (also as string[] | undefined)?.length)).toEqual([MAX_ALSO, MAX_ALSO, undefined]);
    expect(said.flatMap(({ msg_id, also }) => [msg_id, ...((also as string[] | undefined) ?? [])])).toEqual(ids);
  });
});
