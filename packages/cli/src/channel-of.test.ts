import type { ApiClient } from '@parley/host';
import { describe, expect, it } from 'vitest';
import { channelOf, keyOf } from './channel-of.ts';

const ben = { key: 'key_ben', name: 'ben', display: 'ben#1111', state: 'accepted', blocked: false };
const robert = { key: 'key_robert', name: 'robert', alias: 'Bob', display: 'Bob', state: 'accepted', blocked: false };
const strangers = ['ben', 'Bob'].map((name) => ({
  key: `key_of_${name}`,
  name,
  display: `${name}#2222`,
  state: 'incoming',
  blocked: false,
}));
const node = (...contacts: object[]) => ({ channels: async () => [], contacts: { list: async () => contacts } }) as unknown as ApiClient;

describe('a name', () => {
  it.each([
    ['@ben', 'key_ben'],
    ['BEN', 'key_ben'],
    ['ben#1111', 'key_ben'],
    ['bob', 'key_robert'],
    ['robert', 'key_robert'],
    ['ben#2222', 'key_of_ben'],
    ['key_anybody', 'key_anybody'],
  ])('%s means a contact before whoever only asks, by what the user calls them first: %s', async (name, key) => {
    expect(await keyOf(node(...strangers, ben, robert), name)).toBe(key);
  });

  it.each(['ben', 'BEN', 'ben#1111'])('%s without a sign is no channel, and it is said that the contact has one', async (name) => {
    const error = { code: 'not-found', message: `no channel #${name} is known here: the contact is @${name}` };
    await expect(channelOf(node(ben), name)).rejects.toMatchObject(error);
  });

  it('that several bear is told with their keys, and one that nobody bears is nobody', async () => {
    const twin = { ...ben, key: 'key_twin', display: 'ben#3333' };
    await expect(keyOf(node(ben, twin), 'ben')).rejects.toMatchObject({ code: 'conflict', data: { keys: ['key_ben', 'key_twin'] } });
    await expect(keyOf(node(ben), 'eve')).rejects.toMatchObject({ code: 'not-found' });
  });
});
