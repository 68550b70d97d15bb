import { describe, expect, it } from 'vitest';
import { ContactBook, type Heard } from './book.ts';
import type { Contact } from './contact.ts';

const who = (name: string) => ({ keyId: `key_${name}`, nodeId: `node-${name}`, name });

function bookOf(limits: { capacity?: number; maxOpen?: number } = {}, nearness: (nodeId: string) => number = () => 0): ContactBook {
  return new ContactBook({ capacity: 100, maxOpen: 3, ...limits }, nearness);
}

function apply(book: ContactBook, heard: Heard): Heard {
  if ('change' in heard) book.apply(heard.change);
  return heard;
}

const ask = (book: ContactBook, name: string, time = 1): Heard => apply(book, book.requested(who(name), { note: 'hello', time }, time));

function add(book: ContactBook, name: string, alias?: string): Contact {
  const contact = book.add(who(name), { alias, note: undefined }, 1);
  book.apply({ put: [contact] });
  return contact;
}

function accepted(book: ContactBook, name: string, alias?: string): Contact {
  add(book, name, alias);
  apply(book, book.answered(`key_${name}`, 'accepted'));
  return book.get(`key_${name}`) as Contact;
}

describe('the book of contacts', () => {
  it('makes a contact of who is asked and says yes', () => {
    const book = bookOf();
    expect(add(book, 'ben').state).toBe('requested');
    expect(apply(book, book.answered('key_ben', 'accepted'))).toMatchObject({ outcome: 'accepted' });
    expect(book.get('node-ben')).toMatchObject({ state: 'accepted', verified: false });
    expect(book.answered('key_ben', 'accepted')).toEqual({ change: {}, outcome: 'again' });
    expect(book.answered('key_ben', 'declined')).toEqual({ refused: 'contact-unasked' });
  });

  it('makes a contact of two who ask each other', () => {
    const book = bookOf();
    add(book, 'ben');
    expect(ask(book, 'ben')).toMatchObject({ outcome: 'accepted' });
    expect(book.get('key_ben')).toMatchObject({ state: 'accepted', owed: 'accepted' });
    const other = bookOf();
    ask(other, 'ann');
    expect(add(other, 'ann')).toMatchObject({ state: 'accepted', owed: 'accepted', note: 'hello' });
  });

  it('hears no answer that it did not ask for', () => {
    const book = bookOf();
    expect(book.answered('key_eve', 'accepted')).toEqual({ refused: 'contact-unasked' });
    ask(book, 'eve');
    expect(book.answered('key_eve', 'accepted')).toEqual({ refused: 'contact-unasked' });
  });

  it('keeps who said no, and asks again when the user does', () => {
    const book = bookOf();
    add(book, 'ben');
    apply(book, book.answered('key_ben', 'declined'));
    expect(book.get('key_ben')).toMatchObject({ state: 'requested', declined: true });
    expect(add(book, 'ben')).not.toHaveProperty('declined');
  });

  it('answers again who has forgotten', () => {
    const book = bookOf();
    accepted(book, 'ben');
    expect(ask(book, 'ben')).toMatchObject({ outcome: 'again' });
    expect(book.get('key_ben')).toMatchObject({ state: 'accepted', owed: 'accepted' });
  });

  it('gives the place of the oldest stranger to the next, and none of those whom the user has to do with', () => {
    const book = bookOf({}, (nodeId) => (nodeId.startsWith('node-friend') ? 1 : 0));
    for (const name of ['friend1', 'a', 'b']) ask(book, name);
    expect(ask(book, 'c')).toMatchObject({ change: { gone: ['key_a'] } });
    expect(ask(book, 'friend2')).toMatchObject({ change: { gone: ['key_b'] } });
    expect(ask(book, 'friend3')).toMatchObject({ change: { gone: ['key_c'] } });
    expect(ask(book, 'd')).toEqual({ refused: 'contacts-full' });
    expect(ask(book, 'friend4')).toMatchObject({ change: { gone: ['key_friend1'] } });
    expect(book.all().map(({ keyId }) => keyId)).toEqual(['key_friend2', 'key_friend3', 'key_friend4']);
  });

  it('is bounded, whoever asks', () => {
    const book = bookOf({ capacity: 2 });
    accepted(book, 'ben');
    ask(book, 'a');
    expect(ask(book, 'b')).toEqual({ refused: 'contacts-full' });
    expect(() => add(book, 'carl')).toThrow(expect.objectContaining({ code: 'quota' }));
    expect(add(book, 'a').state).toBe('accepted');
  });

  it('hears nothing of who is blocked, and does not let them give way', () => {
    const book = bookOf({ maxOpen: 1 });
    ask(book, 'eve');
    book.apply({ put: [{ ...(book.get('key_eve') as Contact), blocked: true }] });
    expect(ask(book, 'eve')).toEqual({ refused: 'contact-blocked' });
    ask(book, 'a');
    ask(book, 'b');
    expect(book.get('key_eve')).toMatchObject({ blocked: true });
    expect(() => add(book, 'eve')).toThrow(expect.objectContaining({ code: 'conflict' }));
  });

  it('finds whom a person means, accepted ones first', () => {
    const book = bookOf({ maxOpen: 10 });
    accepted(book, 'Ben');
    const carl = accepted(book, 'carl', 'Uncle');
    expect(book.find('@Ben').keyId).toBe('key_Ben');
    expect(book.find('ben').keyId).toBe('key_Ben');
    expect(book.find('@Uncle')).toEqual(carl);
    expect(book.find('carl')).toEqual(carl);
    expect(book.find('node-Ben').keyId).toBe('key_Ben');
    expect(book.find('Ben#node').keyId).toBe('key_Ben');
    // Who merely asks and takes the same name does not come between.
    apply(book, book.requested({ ...who('eve'), name: 'Ben' }, { time: 1 }, 1));
    expect(book.find('Ben').keyId).toBe('key_Ben');
    expect(book.find('Ben', ({ state }) => state === 'incoming').keyId).toBe('key_eve');
    accepted(book, 'dora', 'Ben');
    expect(book.find('@Ben').keyId).toBe('key_dora');
    accepted(book, 'emil', 'Ben');
    expect(() => book.find('@Ben')).toThrow(expect.objectContaining({ code: 'conflict', data: { keys: ['key_dora', 'key_emil'] } }));
    expect(() => book.find('nobody')).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('a new key', () => {
  const change = (time: number, to = 'key_ben2') => ({ from: 'key_ben', to, nodeId: `node-${to.slice(4)}`, time });

  function withVerified(): ContactBook {
    const book = bookOf();
    book.apply({ put: [{ ...accepted(book, 'ben', 'Benny'), verified: true }] });
    return book;
  }

  it('counts for nothing until the user believes it, and is not verified then', () => {
    const book = withVerified();
    apply(book, book.keyNamed(change(5)));
    const contact = book.get('key_ben') as Contact;
    expect(contact).toMatchObject({ verified: true, change: { keyId: 'key_ben2' } });
    expect(book.get('key_ben2')).toBeUndefined();
    book.apply(book.decideKey(contact, true));
    expect(book.get('key_ben')).toBeUndefined();
    expect(book.get('node-ben2')).toMatchObject({
      keyId: 'key_ben2',
      state: 'accepted',
      alias: 'Benny',
      verified: false,
      before: { keyId: 'key_ben', time: 5 },
    });
    expect(book.get('key_ben2')).not.toHaveProperty('change');
  });

  it('is not heard again, or later than a newer one', () => {
    const book = withVerified();
    apply(book, book.keyNamed(change(5)));
    expect(book.keyNamed(change(5))).toEqual({ refused: 'new-key-replayed' });
    expect(book.keyNamed(change(4, 'key_ben3'))).toEqual({ refused: 'new-key-replayed' });
    book.apply(book.decideKey(book.get('key_ben') as Contact, false));
    expect(book.get('key_ben')).toMatchObject({ verified: true, changed: 5 });
    expect(book.keyNamed(change(5))).toEqual({ refused: 'new-key-replayed' });
    expect(() => book.decideKey(book.get('key_ben') as Contact, true)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(apply(book, book.keyNamed(change(6)))).toMatchObject({ outcome: 'waiting' });
  });

  it('is nothing to hear of from strangers, or the blocked, or about another contact', () => {
    const book = withVerified();
    expect(book.keyNamed({ ...change(5), from: 'key_eve' })).toEqual({ refused: 'new-key-unknown' });
    add(book, 'carl');
    expect(book.keyNamed({ ...change(5), from: 'key_carl' })).toEqual({ refused: 'new-key-unknown' });
    accepted(book, 'dora');
    expect(book.keyNamed(change(5, 'key_dora'))).toEqual({ refused: 'new-key-taken' });
    book.apply({ put: [{ ...(book.get('key_ben') as Contact), blocked: true }] });
    expect(book.keyNamed(change(5))).toEqual({ refused: 'contact-blocked' });
  });

  it('goes on to a further key, also where the one between stands in the book by itself', () => {
    const book = withVerified();
    apply(book, book.keyNamed(change(5)));
    ask(book, 'ben2', 6);
    const further = { from: 'key_ben2', to: 'key_ben3', nodeId: 'node-ben3', time: 7 };
    expect(apply(book, book.keyNamed(further))).toMatchObject({ outcome: 'waiting' });
    expect(book.get('key_ben')?.change).toMatchObject({ keyId: 'key_ben3' });
  });

  it('takes nothing away that the user knew of the new key by itself', () => {
    const book = withVerified();
    apply(book, book.keyNamed(change(5)));
    book.apply({ put: [{ ...accepted(book, 'ben2', 'new ben'), verified: true }] });
    apply(book, book.keyNamed({ from: 'key_ben2', to: 'key_ben3', nodeId: 'node-ben3', time: 7 }));
    book.apply(book.decideKey(book.get('key_ben') as Contact, true));
    expect(book.get('key_ben2')).toMatchObject({ alias: 'new ben', verified: true, change: { keyId: 'key_ben3' }, changed: 7 });
    expect(book.get('key_ben2')).toMatchObject({ before: { keyId: 'key_ben' } });
  });

  it('cannot be one that is blocked', () => {
    const book = withVerified();
    book.apply({ put: [{ ...add(book, 'ben2'), blocked: true }] });
    expect(book.keyNamed(change(5))).toEqual({ refused: 'new-key-taken' });
  });
});
