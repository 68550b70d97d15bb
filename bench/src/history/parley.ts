import { join } from 'node:path';
import { ApiClient, type HostNode, startHostNode } from '@parley/host';
import type { Subject } from '../lib/bench.ts';
import { temporaryFolder } from '../lib/folder.ts';
import { type HistoryRoles, pageSize, type Reader, textOf, timed, type Writer } from './roles.ts';

/** Sent without waiting for the one before, so that they share commits. */
const BATCH = 2000;

const start = (data: string): Promise<HostNode> => startHostNode({ data, nodeType: 'client', name: 'reader', http: false, lan: false });

const nameOf = (conversation: number): string => `conversation-${conversation}`;

function createWriter(): Writer {
  return {
    async write(conversations, messages) {
      const data = join(temporaryFolder(), 'data');
      const host = await start(data);
      const { channels } = host.node;
      for (let i = 0; i < conversations; i++) {
        const { id } = await channels.create(nameOf(i));
        for (let at = 0; at < messages; at += BATCH) {
          const size = Math.min(BATCH, messages - at);
          await Promise.all(Array.from({ length: size }, (_, j) => channels.send(id, textOf(i * messages + at + j))));
        }
      }
      await host.stop();
      return data;
    },
  };
}

/** A whole node, asked over its local API as the command asks. */
function createReader(): Reader {
  let host: HostNode | undefined;
  let client: ApiClient | undefined;
  const asked = (): ApiClient => {
    if (!client) throw new Error('not open');
    return client;
  };
  return {
    async open(place) {
      host = await start(place);
      client = new ApiClient(place);
      await client.status();
    },
    latest: (conversations) =>
      timed(Array.from({ length: conversations }, (_, i) => () => asked().messages(nameOf(i), { limit: pageSize }))),
    search: (queries) => timed(queries.map((query) => () => asked().search(query, { limit: pageSize }))),
    async close() {
      await host?.stop();
    },
  };
}

export const parleyHistory: Subject<HistoryRoles> = { roles: { writer: createWriter, reader: createReader } };
