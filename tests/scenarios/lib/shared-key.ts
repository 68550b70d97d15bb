import { type ContentKey, openJwe, readJwe, type Sealing, sealJwe } from '@parley/core';
import type { Network } from './network.ts';

/** The plainest way to seal a conversation: one key, which its members hold from the beginning. */
export function sharedKey(net: Network, host: string, key: ContentKey, members: readonly string[]): Sealing {
  const { node, identity } = net.get(host);
  const { crypto, random } = net.world;
  node.overlay.sealed.keys((kid) => (kid === key.kid ? key : undefined));
  return {
    confides: () => true,
    seal: async (channelId, content, { msgId }) => ({
      compact: await sealJwe({ crypto, random }, key, { nodeId: identity.nodeId, msgId, channelId }, content),
    }),
    open: async (channelId, { origin, msgId, parts }) => {
      const jwe = readJwe(parts, { nodeId: origin, msgId, channelId });
      const content = jwe && (await openJwe(crypto, jwe, key.key));
      return content ? { verdict: 'opened', content } : { verdict: 'drop', reason: 'message-opening' };
    },
    say: async (channelId, nodeId, verb, data) => {
      await node.overlay.sealed.send(verb, data, { key, channelId, recipients: [nodeId] }, { custody: false });
    },
    utter: (channelId, recipients, verb, data) => node.overlay.sealed.utter(verb, data, { key, channelId, recipients }),
    mayWrite: (_, nodeId) => members.includes(nodeId),
    admits: (channelId, { origin, sealed }) => sealed?.kid === key.kid && sealed.channelId === channelId && members.includes(origin),
    mayHaveWritten: (_, nodeId) => members.includes(nodeId),
  };
}
