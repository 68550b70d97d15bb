import type { Parley } from '@parley/browser';
import type { ContactView } from '@parley/core';
import { describe, expect, it } from 'vitest';
import { switchItems } from '../app/switch-items.ts';
import {
  addContact,
  calledOf,
  contactPerson,
  decideKey,
  knownContacts,
  loadContacts,
  openRequests,
  tellContact,
  unblockContact,
} from './contacts.ts';
import { createContext } from './context.ts';
import { applyEvent } from './events.ts';
import { Keep } from './keep.ts';
import { person } from './testing.ts';

const contact = (name: string, part: Partial<ContactView> = {}): ContactView => ({
  key: `key_${name}`,
  node_id: name,
  name,
  display: `${name}#0000`,
  state: 'accepted',
  verified: false,
  blocked: false,
  present: false,
  added: '2026-01-01T00:00:00.000Z',
  ...part,
});

function start(node: object = {}, contacts: readonly ContactView[] = []) {
  const keep = new Keep({ getItem: () => null, setItem: () => {}, removeItem: () => {} });
  // Of all that a node does, what is asked of it here.
  const context = createContext({ node, phase: { phase: 'running', leads: true } } as unknown as Parley, keep, { view: 'home' });
  context.store.update((state) => ({ ...state, contacts }));
  return context;
}

const names = (list: readonly ContactView[] | undefined): string[] => (list ?? []).map(calledOf);

describe('contacts', () => {
  it('are listed by what the user calls them, those who were only asked last; who asks and who is blocked stands elsewhere', () => {
    const all = [
      contact('Zoe', { alias: 'Aunt' }),
      contact('ben'),
      contact('Asked', { state: 'requested' }),
      contact('Asks', { state: 'incoming' }),
      contact('Bad', { blocked: true }),
      contact('Pest', { state: 'incoming', blocked: true }),
    ];
    expect(names(knownContacts(all))).toEqual(['Aunt', 'ben', 'Asked']);
    expect(names(openRequests(all))).toEqual(['Asks']);
  });

  it('who asked last stands first', () => {
    const asks = (name: string, added: string) => contact(name, { state: 'incoming', added });
    expect(names(openRequests([asks('a', '2026-01-01T00:00:00Z'), asks('b', '2026-01-02T00:00:00Z')]))).toEqual(['b', 'a']);
  });

  it('are drawn by the word of the user, and by their own name where there is none', () => {
    expect(contactPerson(contact('Ann'))).toMatchObject({ name: 'Ann', display: 'Ann#0000', key: 'key_Ann' });
    expect(contactPerson(contact('Ann', { alias: 'Sis', display: 'Sis' }))).not.toHaveProperty('name');
  });

  it('who was asked and has accepted is told in the place of the request', async () => {
    const asked = contact('Ann', { state: 'requested' });
    const context = start({ addContact: async () => asked });
    const shown = () => context.store.get().notices.map(({ text }) => text);
    await addContact(context, 'link', {});
    expect(shown()).toEqual([expect.stringContaining('on its way')]);
    tellContact(context, { event: 'contact', news: 'accepted', contact: contact('Ben') }, 'Ben');
    expect(shown()).toHaveLength(1);
    tellContact(context, { event: 'contact', news: 'accepted', contact: contact('Ann') }, 'Ann');
    expect(shown()).toEqual(['Ann is now your contact.']);
  });

  it('follow the events of the node', () => {
    let state = start({}, [contact('Ann')]).store.get();
    state = applyEvent(state, { event: 'contact', news: 'incoming', contact: contact('Ben', { state: 'incoming' }) });
    state = applyEvent(state, { event: 'contact', news: 'accepted', contact: contact('Ben') });
    expect(names(state.contacts)).toEqual(['Ann', 'Ben']);
    state = applyEvent(state, { event: 'presence', person: person('Ben', { present: true }) });
    expect(state.contacts?.map(({ present }) => present)).toEqual([false, true]);
    expect(applyEvent(state, { event: 'presence', person: person('Ben', { present: true }) }).contacts).toBe(state.contacts);
    state = applyEvent(state, { event: 'contact', news: 'removed', contact: contact('Ann') });
    expect(names(state.contacts)).toEqual(['Ben']);
  });

  it('whose key is another now stand there once', async () => {
    const before = { key: 'key_Ann', time: '2026-01-02T00:00:00Z' };
    const changed = contact('Ann', { key: 'key_new', node_id: 'new', before });
    const context = start({ decideKey: async () => changed }, [contact('Ann', { verified: true }), contact('Ben')]);
    expect(await decideKey(context, contact('Ann'), true)).toBe(changed);
    expect(context.store.get().contacts?.map(({ key }) => key)).toEqual(['key_Ben', 'key_new']);
  });

  it('stay as they were asked for last, though an earlier answer comes later', async () => {
    const answers: ((contacts: readonly ContactView[]) => void)[] = [];
    const context = start({ contacts: () => new Promise((resolve) => answers.push(resolve)) });
    const both = [loadContacts(context), loadContacts(context)];
    answers[1]?.([contact('New')]);
    answers[0]?.([contact('Old')]);
    await Promise.all(both);
    expect(names(context.store.get().contacts)).toEqual(['New']);
  });

  it('who is unblocked and was nothing else is known no more', async () => {
    const context = start({ unblockContact: async () => undefined, contacts: async () => [] }, [contact('Bad', { blocked: true })]);
    await unblockContact(context, contact('Bad'));
    expect(context.store.get().contacts).toEqual([]);
  });

  it('a key that changed is told to everybody, a request only to those who listen, and nothing of who is blocked', () => {
    const context = start();
    tellContact(context, { event: 'contact', news: 'incoming', contact: contact('Ben') }, 'Ben');
    expect([context.announcement.get(), context.store.get().notices]).toEqual(['Ben asks to be your contact', []]);
    tellContact(context, { event: 'contact', news: 'key-change', contact: contact('Bad', { blocked: true }) }, 'Bad');
    expect(context.store.get().notices).toEqual([]);
    tellContact(context, { event: 'contact', news: 'key-change', contact: contact('Ann') }, 'Ann');
    expect(context.store.get().notices[0]?.text).toContain('The key of Ann has changed');
  });
});

describe('the quick switcher', () => {
  it('offers to add the contact whose link was pasted', () => {
    const key = 'key_2J7mXq9KpTzPf3Xw8RbLsDv2Hj9Kq7mTzPf3Xw8RbLsD';
    for (const link of [key, `parley:contact/${key}?name=Ada`, `https://chat.example.org/#/contact/${key}`]) {
      expect(switchItems({ people: {} }, link)[0]?.does).toEqual({ dialog: { kind: 'add-contact', link } });
    }
    expect(switchItems({ people: {} }, 'key_')).toEqual([]);
  });

  it('finds contacts by what the user calls them and by their own name, once each', () => {
    const contacts = [contact('Ann', { alias: 'Sister', display: 'Sister' })];
    const found = (query: string) => switchItems({ contacts, people: { Ann: person('Ann') } }, query).map(({ label }) => label);
    expect(found('sis')).toEqual(['Sister']);
    expect(found('ann#')).toEqual([]);
    expect(found('ann').filter((label) => !label.endsWith('channel'))).toEqual(['Sister']);
  });
});
