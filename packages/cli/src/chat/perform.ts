import type { ApiClient } from '@parley/host';
import { infoLines, searchLines } from './answers.ts';
import { answerRequest, type RequestNode } from './perform-answer.ts';
import { type Files, fileLines, listFiles, saveFile } from './perform-files.ts';
import type { Action, ChatState, Effect } from './state.ts';
import { timerWords } from './timer-command.ts';

/** What the chat needs of a node. */
export type ChatNode = Pick<
  ApiClient,
  | 'status'
  | 'channels'
  | 'changes'
  | 'create'
  | 'join'
  | 'leave'
  | 'members'
  | 'messages'
  | 'send'
  | 'act'
  | 'setTimer'
  | 'search'
  | 'markRead'
  | 'typing'
  | 'here'
  | 'events'
> &
  RequestNode;

/** With what the chat does what it is asked for. */
export interface Means extends Files {
  readonly node: ChatNode;
  /** Keeps the ids of the channels that are muted. */
  readonly keepMuted: (muted: readonly string[]) => Promise<void>;
}

/** Effects that are requests to the node. */
export type Request = Exclude<Effect, { do: 'quit' | 'redraw' | 'cancel' }>;

const PAGE = 100;
const FOUND = 50;
/** Nobody asked for these. */
const SILENT: ReadonlySet<Effect['do']> = new Set(['channels', 'invitations', 'changes', 'members', 'read', 'typing', 'here']);

/** Does what was asked for at the node, and tells what came of it. Errors are those of the node. */
export async function perform(means: Means, effect: Request, state: () => ChatState, tell: (action: Action) => void): Promise<void> {
  const { node } = means;
  switch (effect.do) {
    case 'channels':
      tell({ type: 'channels', channels: await node.channels() });
      break;
    case 'invitations':
      tell({ type: 'invitations', invitations: await node.closed.invitations() });
      break;
    case 'answer':
      await answerRequest(node, effect, tell);
      break;
    case 'load': {
      const { channelId, before } = effect;
      const messages = await node.messages(channelId, { limit: PAGE, ...(before === undefined ? {} : { before }) });
      tell({ type: 'page', channelId, messages, before, complete: messages.length < PAGE });
      break;
    }
    case 'send': {
      const { channelId, localId, text, replyTo, path } = effect;
      const about = replyTo === undefined ? {} : { reply_to: replyTo };
      const sent = path === undefined ? node.send(channelId, text, about) : means.files.send(channelId, text, { attachments: [{ path }] });
      tell({ type: 'sent', channelId, localId, message: await sent });
      break;
    }
    case 'act':
      // What came of it is told by an event.
      await node.act(effect.channelId, effect.act);
      break;
    case 'forward':
      await node.send(effect.channelId, effect.text);
      tell({ type: 'notice', text: `forwarded ${effect.about}`, tone: 'info' });
      break;
    case 'files': {
      const files = await listFiles(means, effect.channelId);
      tell({ type: 'files', channelId: effect.channelId, files, lines: fileLines(files, process.cwd()) });
      break;
    }
    case 'save':
      try {
        await saveFile(means, effect, tell);
      } finally {
        tell({ type: 'save-over', id: effect.id });
      }
      break;
    case 'keep-muted':
      await means.keepMuted(effect.muted);
      break;
    case 'timer': {
      const { timer } = await node.setTimer(effect.channelId, effect.seconds);
      tell({ type: 'channels', channels: await node.channels() });
      tell({ type: 'notice', text: timerWords(timer), tone: 'info' });
      break;
    }
    case 'members':
      tell({ type: 'members', channelId: effect.channelId, members: await node.members(effect.channelId) });
      break;
    case 'changes':
      tell({ type: 'changes', channelId: effect.channelId, changes: await node.changes(effect.channelId) });
      break;
    case 'join':
    case 'create': {
      const { id, name } = await (effect.do === 'join' ? node.join(effect.name) : node.create(effect.name));
      tell({ type: 'channels', channels: await node.channels(), open: id });
      tell({ type: 'notice', text: effect.do === 'join' ? `joined #${name}` : `created #${name}`, tone: 'info' });
      break;
    }
    case 'leave':
      await node.leave(effect.channelId);
      tell({ type: 'channels', channels: await node.channels() });
      tell({ type: 'notice', text: 'left; what was said stays on this node', tone: 'info' });
      break;
    case 'search': {
      const { words, channelId } = effect;
      const found = await node.search(words, { limit: FOUND, ...(channelId === undefined ? {} : { channel: channelId }) });
      tell({ type: 'panel', title: `Search: ${words}`, lines: searchLines(found, channelId === undefined) });
      break;
    }
    case 'read':
      await node.markRead(effect.channelId, effect.cursor);
      break;
    case 'typing':
      await node.typing(effect.channelId, effect.typing);
      break;
    case 'here':
      await node.here();
      break;
    case 'info':
      tell({ type: 'panel', title: 'Info', lines: infoLines(await node.status(), state()) });
      break;
  }
}

/** How the user learns that it failed; undefined where nobody asked for it. */
export function failed(effect: Request, why: string): Action | undefined {
  if (effect.do === 'load') return { type: 'not-loaded', channelId: effect.channelId, why };
  if (effect.do === 'send') return { type: 'not-sent', channelId: effect.channelId, localId: effect.localId, why };
  return SILENT.has(effect.do) ? undefined : { type: 'notice', text: why, tone: 'error' };
}
