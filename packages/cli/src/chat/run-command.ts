import type { ChannelView } from '@parley/host';
import { isTitled, titleOf } from '../channel-of.ts';
import { endedWords } from '../format/channels.ts';
import { actOf } from './act-commands.ts';
import { answer } from './answer-command.ts';
import { helpLines } from './commands.ts';
import { cancelSaving, saveFile, sendFile } from './file-commands.ts';
import { forward } from './forward-command.ts';
import { mute } from './mute-command.ts';
import { requestLines } from './requests.ts';
import { dismiss, retry } from './retry-command.ts';
import { say } from './say.ts';
import { activeChannel, type ChatState, type Effect, type PanelLine } from './state.ts';
import { timerOf } from './timer-command.ts';
import { turnTo, type Update } from './update.ts';
import { meant } from './which-message.ts';
import { placeOf } from './which-place.ts';
import { withWho } from './who.ts';

/** What a command does; why it cannot be done; or undefined when something is missing that it needs. */
export type Done = Update | string | undefined;

export function runCommand(state: ChatState, name: string, argument: string): Done {
  const ask = (...effects: Effect[]): Update => ({ state, effects });
  const channel = activeChannel(state);
  switch (name) {
    case '/help':
      return show(state, 'Help', helpLines());
    case '/quit':
      return ask({ do: 'quit' });
    case '/join':
      return argument === '' ? undefined : join(state, argument);
    case '/create':
      return argument === '' ? undefined : ask({ do: 'create', name: argument });
    case '/leave': {
      const left = argument === '' ? channel : placeOf(state, argument);
      return typeof left === 'object' ? ask({ do: 'leave', channelId: left.view.id }) : left;
    }
    case '/channels':
      return show(state, 'Channels', channelLines(state), { do: 'channels' });
    case '/who':
      return channel && { state: withWho(state, channel.view.id), effects: [{ do: 'members', channelId: channel.view.id }] };
    case '/requests':
      return show(state, 'Requests', requestLines(state));
    case '/accept':
    case '/decline':
      return answer(state, argument, name === '/accept');
    case '/search':
      return channel && argument !== '' ? ask({ do: 'search', words: argument, channelId: channel.view.id }) : undefined;
    case '/search-all':
      return argument === '' ? undefined : ask({ do: 'search', words: argument });
    case '/edit':
    case '/delete':
    case '/react':
    case '/pin': {
      const act = actOf(state, name, argument);
      return typeof act === 'object' ? ask(act) : act;
    }
    case '/reply':
      return reply(state, argument);
    case '/retry':
      return retry(state);
    case '/dismiss':
      return dismiss(state);
    case '/forward':
      return forward(state, argument);
    case '/file':
      return sendFile(state, argument);
    case '/files':
      return channel && ask({ do: 'files', channelId: channel.view.id });
    case '/save':
      return saveFile(state, argument);
    case '/cancel':
      return cancelSaving(state);
    case '/mute': {
      const muted = argument === '' ? channel : placeOf(state, argument);
      return typeof muted === 'object' ? mute(state, muted) : muted;
    }
    case '/timer':
      return timerOf(state, argument);
    case '/info':
      return ask({ do: 'info', channelId: channel?.view.id });
    default:
      return undefined;
  }
}

function reply(state: ChatState, argument: string): Done {
  const found = meant(state, argument, ({ own }) => !own);
  if (typeof found === 'string') return found;
  if (!found) return 'nobody else has written here: /reply ^1 answers the last message, whoever wrote it';
  return found.rest === '' ? undefined : say(state, found.rest, { replyTo: found.message });
}

function show(state: ChatState, title: string, lines: readonly PanelLine[], ...effects: Effect[]): Update {
  return { state: { ...state, panel: { title, lines, top: 0 } }, effects };
}

/** Turns to a channel in which the user is, or joins one that is known here. */
function join(state: ChatState, given: string): Done {
  const name = given.replace(/^#/, '');
  const isMeant = (view: ChannelView): boolean => view.id === name || isTitled(view, name);
  const known = state.channels.find(({ view }) => isMeant(view));
  if (known) return turnTo(state, known.view.id);
  // Nobody joins a conversation of two.
  const place = name.startsWith('@') ? placeOf(state, name) : undefined;
  if (typeof place === 'string') return place;
  const [only, ...others] = state.known.filter(isMeant);
  if (others.length > 0) return `several are called ${given}: give the id, which /channels shows`;
  return only
    ? { state, effects: [{ do: 'join', name: given }] }
    : `no channel ${given} is known here: /channels lists them, /create makes one`;
}

function channelLines(state: ChatState): PanelLine[] {
  if (state.known.length === 0) return [{ text: 'No channel is known yet. /create NAME makes one.', tone: 'faint' }];
  const names = new Map<string, number>();
  for (const channel of state.known) names.set(titleOf(channel), (names.get(titleOf(channel)) ?? 0) + 1);
  return state.known.map((channel): PanelLine => {
    const { id, joined, members, ended } = channel;
    const title = titleOf(channel);
    const which = (names.get(title) ?? 0) > 1 ? `  ${id}` : '';
    const silent = state.muted.has(id) ? ', muted' : '';
    const text = `${joined ? '●' : '○'} ${title}  ${members} ${members === 1 ? 'member' : 'members'}${joined ? `, you are one${silent}` : ended ? `, ${endedWords(channel)}` : ''}${which}`;
    return joined ? { text, hang: 2 } : { text, hang: 2, tone: 'faint' };
  });
}
