import type { MessageView } from '@parley/core';
import { afterEach } from 'vitest';
import { commands } from 'vitest/browser';
import type { NodeCommands } from '../setup/commands.ts';
import type { StartOptions } from '../setup/nodes.ts';

const node = commands as unknown as NodeCommands;

/** A node in Node.js, as a test in the browser speaks of it. */
export interface OtherNode {
  readonly nodeId: string;
  /** `HOST:PORT` */
  readonly address: string;
  /** Where a page of this server would come from. */
  readonly location: { readonly protocol: string; readonly host: string };
  readonly url: string;
  stop(): Promise<void>;
  create(name: string): Promise<void>;
  join(channel: string): Promise<void>;
  send(channel: string, text: string): Promise<void>;
  texts(channel: string): Promise<string[]>;
  channelNames(): Promise<string[]>;
  /** Sends a file of so many bytes. */
  share(channel: string, size: number): Promise<{ readonly msgId: string; readonly sha256: string }>;
  /** Digests of the files that it has whole. */
  filesHere(): Promise<string[]>;
}

export async function start(options: StartOptions): Promise<OtherNode> {
  const { id, nodeId, address } = await node.startNode(options);
  return {
    nodeId,
    address,
    location: { protocol: 'http:', host: address },
    url: `ws://${address}/link`,
    stop: () => node.stopNode(id),
    create: async (name) => void (await node.askNode(id, 'create', [name])),
    join: async (channel) => void (await node.askNode(id, 'join', [channel])),
    send: async (channel, text) => void (await node.askNode(id, 'send', [channel, text])),
    texts: async (channel) => ((await node.askNode(id, 'messages', [channel, { limit: 500 }])) as MessageView[]).map(({ text }) => text),
    share: (channel, size) => node.shareFile(id, channel, size),
    filesHere: () => node.filesHere(id),
    channelNames: async () => ((await node.askNode(id, 'channels', [])) as { name: string }[]).map(({ name }) => name),
  };
}

/** Until an asynchronous question is answered with yes; fails when it takes too long. */
export async function until(question: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await question())) {
    if (performance.now() > end) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

afterEach(() => node.stopNodes());
