import type { Home } from '../node/home.ts';
import type { TabNode } from '../parley.ts';

type FileAnswers = Pick<
  TabNode,
  'offerFile' | 'drafts' | 'keepDraft' | 'sentDrafts' | 'discardDraft' | 'fetchFile' | 'file' | 'removeFile'
>;

/** What is asked about files, answered by the node that runs. */
export const fileAnswers = (home: () => Home): FileAnswers => ({
  offerFile: async (channel, id, file) => home().files.offer(channel, id, file),
  drafts: async (channel) => home().files.drafts(channel),
  keepDraft: async (channel, file) => home().files.keepDraft(channel, file),
  sentDrafts: async (ids) => home().files.sent(ids),
  discardDraft: async (id) => home().files.discard(id),
  fetchFile: async (channel, msgId, index) => home().service.files.fetch(channel, msgId, index),
  file: async (channel, msgId, index) => home().files.file(channel, msgId, index),
  removeFile: async (root) => home().service.files.remove(root),
});
