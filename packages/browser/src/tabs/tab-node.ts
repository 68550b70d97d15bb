import { base64, type Random, timeGuid } from '@parley/core';
import type { TabNode } from '../parley.ts';
import type { CallName } from './protocol.ts';

const NONCE_BYTES = 32;

/** The node as a page asks it: each call goes wherever the node runs. */
export function tabNode(
  call: (name: CallName, args: readonly unknown[]) => Promise<unknown>,
  random: Random,
  subscribe: TabNode['subscribe'],
): TabNode {
  /** The answer comes from a method of the same name and type, here or in another tab. */
  const ask = <Name extends keyof TabNode & CallName>(name: Name, ...args: Parameters<TabNode[Name]>): ReturnType<TabNode[Name]> =>
    call(name, args) as ReturnType<TabNode[Name]>;
  return {
    status: () => ask('status'),
    channels: () => ask('channels'),
    create: (name, nonce = base64(random.bytes(NONCE_BYTES))) => ask('create', name, nonce),
    join: (channel) => ask('join', channel),
    leave: (channel) => ask('leave', channel),
    members: (channel) => ask('members', channel),
    messages: (channel, page) => ask('messages', channel, page),
    message: (channel, msgId) => ask('message', channel, msgId),
    // With an id from the start it, like a new channel with its nonce, can be repeated when the leading tab ends before it has answered.
    send: (channel, text, options = {}) => ask('send', channel, text, { msgId: timeGuid(random, Date.now()), ...options }),
    attachment: (channel, msgId, index) => ask('attachment', channel, msgId, index),
    offerFile: (channel, id, file) => ask('offerFile', channel, id, file),
    drafts: (channel) => ask('drafts', channel),
    keepDraft: (channel, file) => ask('keepDraft', channel, file),
    sentDrafts: (ids) => ask('sentDrafts', ids),
    discardDraft: (id) => ask('discardDraft', id),
    fetchFile: (channel, msgId, index) => ask('fetchFile', channel, msgId, index),
    file: (channel, msgId, index) => ask('file', channel, msgId, index),
    removeFile: (root) => ask('removeFile', root),
    search: (query, options) => ask('search', query, options),
    act: (channel, kind, msgId, text) => ask('act', channel, kind, msgId, text),
    changes: (channel) => ask('changes', channel),
    pinned: (channel) => ask('pinned', channel),
    markRead: (channel, cursor) => ask('markRead', channel, cursor),
    typing: (channel, typing) => ask('typing', channel, typing),
    here: () => ask('here'),
    nodes: (limit) => ask('nodes', limit),
    route: (key) => ask('route', key),
    safetyNumber: (nodeId) => ask('safetyNumber', nodeId),
    contacts: () => ask('contacts'),
    contactLink: () => ask('contactLink'),
    addContact: (link, options) => ask('addContact', link, options),
    acceptContact: (who) => ask('acceptContact', who),
    declineContact: (who) => ask('declineContact', who),
    removeContact: (who) => ask('removeContact', who),
    renameContact: (who, alias) => ask('renameContact', who, alias),
    blockContact: (who) => ask('blockContact', who),
    unblockContact: (who) => ask('unblockContact', who),
    verifyContact: (who, number) => ask('verifyContact', who, number),
    decideKey: (who, believed) => ask('decideKey', who, believed),
    createClosed: (name, history, nonce = base64(random.bytes(NONCE_BYTES))) => ask('createClosed', name, history, nonce),
    closedChannel: (channel) => ask('closedChannel', channel),
    invite: (channel, who, role) => ask('invite', channel, who, role),
    invitations: () => ask('invitations'),
    acceptInvitation: (channel) => ask('acceptInvitation', channel),
    declineInvitation: (channel) => ask('declineInvitation', channel),
    removeMember: (channel, who) => ask('removeMember', channel, who),
    setRole: (channel, who, role) => ask('setRole', channel, who, role),
    channelSettings: (channel, changes) => ask('channelSettings', channel, changes),
    setTimer: (channel, seconds) => ask('setTimer', channel, seconds),
    settings: () => ask('settings'),
    circuits: () => ask('circuits'),
    setSettings: (changes) => ask('setSettings', changes),
    devices: () => ask('devices'),
    deviceCode: () => ask('deviceCode'),
    askDevice: (link) => ask('askDevice', link),
    confirmDevice: (key) => ask('confirmDevice', key),
    revokeDevice: (who) => ask('revokeDevice', who),
    rotation: () => ask('rotation'),
    beginRotation: (contacts, passphrase) => ask('beginRotation', contacts, passphrase),
    finishRotation: (to, anyway) => ask('finishRotation', to, anyway),
    cancelRotation: () => ask('cancelRotation'),
    setServers: (urls) => ask('setServers', [...urls]),
    rename: (name) => ask('rename', name),
    setPassphrase: (passphrase, old) => ask('setPassphrase', passphrase, old),
    backup: (passphrase, app) => ask('backup', passphrase, app),
    // The browser may ask its user, who sees this tab.
    persist: () => navigator.storage.persist(),
    erase: () => ask('erase'),
    subscribe,
  };
}
