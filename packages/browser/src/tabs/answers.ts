import type { JsonObject } from '@parley/core';
import type { Home } from '../node/home.ts';
import type { TabNode } from '../parley.ts';

/** What can be asked while there is no node. */
export type VaultAnswers = {
  begin(name: string, passphrase?: string): Promise<void>;
  restore(file: Blob, passphrase: string): Promise<JsonObject | undefined>;
  unlock(passphrase: string): Promise<void>;
  erase(): Promise<void>;
};

/** What is asked about large files, answered by the node that runs. */
export const fileAnswers = (home: () => Home): Pick<TabNode, 'offerFile' | 'cancelOffer' | 'fetchFile' | 'file' | 'removeFile'> => ({
  offerFile: async (channel, id, file) => home().files.offer(channel, id, file),
  cancelOffer: async (id) => home().files.cancel(id),
  fetchFile: async (channel, msgId, index) => home().service.files.fetch(channel, msgId, index),
  file: async (channel, msgId, index) => home().files.file(channel, msgId, index),
  removeFile: async (root) => home().service.files.remove(root),
});
