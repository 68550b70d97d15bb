import type {} from '@vitest/browser-playwright';
import type { BrowserCommand } from 'vitest/node';
import { askNode, filesHere, type Question, type Started, type StartOptions, shareFile, startNode, stopAll, stopNode } from './nodes.ts';
import { type Pretence, startPretender, stopPretenders } from './pretender.ts';

/** What tests in the browser have done in Node.js. */
export interface NodeCommands {
  startNode(options: StartOptions): Promise<Started>;
  stopNode(id: number): Promise<void>;
  askNode(id: number, question: Question, args: readonly unknown[]): Promise<unknown>;
  shareFile(id: number, channel: string, size: number): Promise<{ readonly msgId: string; readonly sha256: string }>;
  filesHere(id: number): Promise<string[]>;
  startPretender(server: string, pretence: Pretence): Promise<string>;
  stopNodes(): Promise<void>;
  /** How many bytes the browser lets the page keep; undefined for what it would by itself. */
  setQuota(bytes: number | undefined): Promise<void>;
}

export const commands: { [Name in keyof NodeCommands]: BrowserCommand<Parameters<NodeCommands[Name]>> } = {
  startNode: (_, options) => startNode(options),
  stopNode: (_, id) => stopNode(id),
  askNode: (_, id, question, args) => askNode(id, question, args),
  shareFile: (_, id, channel, size) => shareFile(id, channel, size),
  filesHere: (_, id) => filesHere(id),
  startPretender: (_, server, pretence) => startPretender(server, pretence),
  stopNodes: async () => {
    await stopPretenders();
    await stopAll();
  },
  async setQuota({ context, page }, bytes) {
    const session = await context.newCDPSession(page);
    await session.send('Storage.overrideQuotaForOrigin', {
      origin: new URL(page.url()).origin,
      ...(bytes === undefined ? {} : { quotaSize: bytes }),
    });
  },
};
