import { join } from 'node:path';
import { type HostNode, startHostNode } from '@parley/host';
import type { Subject } from '../lib/bench.ts';
import { temporaryFolder } from '../lib/folder.ts';
import { delay } from '../lib/time.ts';
import { type Author, type ClosedRoles, cpuSeconds, type Members, type Server, TEXT } from './roles.ts';

const AT_ONCE = 10;

const startAt = (folder: string, name: string, address: string): Promise<HostNode> =>
  startHostNode({ data: join(folder, name), nodeType: 'client', name, http: false, lan: false, connect: [address] });

function createServer(): Server {
  let host: HostNode | undefined;
  return {
    async listen() {
      const data = join(temporaryFolder(), 'server');
      host = await startHostNode({ data, nodeType: 'server', name: 'server', tls: '127.0.0.1:0', http: false, lan: false });
      return host.ready.tls ?? '';
    },
    cpu: cpuSeconds,
  };
}

function createMembers(): Members {
  const folder = temporaryFolder();
  let shown = 0;
  return {
    async start(address, count) {
      const ids: string[] = [];
      for (let at = 0; at < count; at += AT_ONCE) {
        const names = Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, i) => `member${at + i}`);
        for (const { node } of await Promise.all(names.map((name) => startAt(folder, name, address)))) {
          const { channels } = node;
          channels.closed.events.on('invitation', ({ channelId }) => {
            const open = channels.closed.invitations().some((invitation) => invitation.channel.id === channelId);
            if (open) channels.closed.accept(channelId).catch(() => {});
          });
          channels.events.on('message', () => {
            shown += 1;
          });
          ids.push(node.identity.nodeId);
        }
      }
      return ids;
    },
    shown: () => shown,
  };
}

function createAuthor(): Author {
  let host: HostNode | undefined;
  let channel = '';
  return {
    async found(address, members) {
      host = await startAt(temporaryFolder(), 'author', address);
      const { channels, overlay } = host.node;
      channel = (await channels.createClosed('members-only')).id;
      while (!members.every((nodeId) => overlay.reaches(nodeId))) await delay(50);
      for (let at = 0; at < members.length; at += AT_ONCE) {
        const some = members.slice(at, at + AT_ONCE);
        await Promise.all(some.map((nodeId) => channels.closed.invite(channel, nodeId)));
        while (channels.closed.members(channel).filter(({ joined }) => joined).length < at + some.length) await delay(20);
      }
    },
    async write(messages) {
      const node = host?.node;
      if (!node) throw new Error('not founded');
      const before = cpuSeconds();
      for (let i = 0; i < messages; i++) await node.channels.send(channel, TEXT);
      return cpuSeconds() - before;
    },
  };
}

export const parleyClosed: Subject<ClosedRoles> = { roles: { server: createServer, members: createMembers, author: createAuthor } };
