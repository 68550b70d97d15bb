import { isTitled, titleOf } from '../channel-of.ts';
import { endedWords } from '../format/channels.ts';
import { isAway, presenceWords } from '../text/presence.ts';
import { actOf } from './act-commands.ts';
import { CHAT_COMMANDS, helpLines, parseLine } from './commands.ts';
import { complete } from './complete.ts';
import { type EditCommand, type Editor, edit, emptyEditor, insert, recalled, remember, vertical } from './editor.ts';
import { geometry, lookOf, shownTimeline } from './geometry.ts';
import type { Key, NamedKey } from './keys.ts';
import { panelRows } from './panel-rows.ts';
import { isHere, membersOf } from './side-rows.ts';
import { activeChannel, type ChatState, draftOf, type Effect, type PanelLine, withChannel, withDraft, withNotice } from './state.ts';
import { timerOf } from './timer-command.ts';
import { needsOlder, still, turnTo, type Update } from './update.ts';
import { atTop, scrolled } from './viewport.ts';

/** Two of Ctrl-C within this time end the chat. */
const INTERRUPT_MS = 3000;

const EDITS: Readonly<Partial<Record<NamedKey, EditCommand>>> = {
  left: 'left',
  right: 'right',
  'word-left': 'word-left',
  'word-right': 'word-right',
  home: 'home',
  end: 'end',
  backspace: 'backspace',
  delete: 'delete',
  'delete-word-left': 'delete-word-left',
  'delete-spaced-word-left': 'delete-spaced-word-left',
  'delete-word-right': 'delete-word-right',
  'delete-to-start': 'delete-to-start',
  'delete-to-end': 'delete-to-end',
};

/** What a key does. */
export function press(state: ChatState, pressed: Key): Update {
  const { key } = pressed;
  if (key === 'text' || key === 'paste') return written(state, insert(draftOf(state), pressed.text));
  const command = EDITS[key];
  if (command) return written(state, edit(draftOf(state), command));
  switch (key) {
    case 'enter':
      // What was said of the last one is over.
      return enter({ ...state, notice: undefined });
    case 'newline':
      return written(state, insert(draftOf(state), '\n'));
    case 'tab':
      return completed(state, 1);
    case 'shift-tab':
      return completed(state, -1);
    case 'up':
    case 'down':
      return upOrDown(state, key);
    case 'page-up':
      return scroll(state, -1);
    case 'page-down':
      return scroll(state, 1);
    case 'top':
      return toTop(state);
    case 'bottom':
      return still(toEnd(state));
    case 'escape':
      return still(state.panel ? { ...state, panel: undefined } : toEnd({ ...state, completion: undefined, notice: undefined }));
    case 'next-channel':
      return neighbour(state, 1);
    case 'previous-channel':
      return neighbour(state, -1);
    case 'redraw':
      return { state, effects: [{ do: 'redraw' }] };
    case 'end-of-input':
      return draftOf(state).text === '' ? quit(state) : written(state, edit(draftOf(state), 'delete'));
    case 'interrupt':
      return interrupt(state);
    default:
      return still(state);
  }
}

function quit(state: ChatState): Update {
  return { state, effects: [{ do: 'quit' }] };
}

function interrupt(state: ChatState): Update {
  if (draftOf(state).text !== '') return written(state, emptyEditor);
  if (state.now - state.interruptedAt < INTERRUPT_MS) return quit(state);
  return still(withNotice({ ...state, interruptedAt: state.now }, 'Ctrl-C again ends the chat'));
}

function written(state: ChatState, editor: Editor): Update {
  return still({ ...withDraft(state, editor), completion: undefined });
}

function upOrDown(state: ChatState, key: 'up' | 'down'): Update {
  if (state.panel && draftOf(state).text === '') return scroll(state, key === 'up' ? -1 : 1, 1);
  const editor = draftOf(state);
  const moved = vertical(editor, key);
  if (moved) return written(state, moved);
  const found = recalled(state.recall, editor, key);
  if (!found) return still(state);
  return still({ ...withDraft(state, found.editor), recall: found.recall, completion: undefined });
}

function completed(state: ChatState, step: 1 | -1): Update {
  const channel = activeChannel(state);
  const self = state.self?.nodeId;
  const people = channel ? membersOf(state, channel).filter(({ node_id }) => node_id !== self) : [];
  const vocabulary = {
    commands: CHAT_COMMANDS.map(({ name }) => name),
    channels: state.known.map(({ name }) => name),
    people: people.map(({ display }) => display),
  };
  const found = complete(draftOf(state), state.completion, vocabulary, step);
  return still(found ? { ...withDraft(state, found.editor), completion: found.completion } : state);
}

function neighbour(state: ChatState, step: 1 | -1): Update {
  const count = state.channels.length;
  const index = state.channels.findIndex(({ view }) => view.id === state.active);
  const next = state.channels[(index + step + count) % Math.max(1, count)];
  return next && next.view.id !== state.active ? turnTo(state, next.view.id) : still(state);
}

/** By pages, or by so many rows. */
function scroll(state: ChatState, direction: 1 | -1, rows?: number): Update {
  const { paneHeight, paneWidth } = geometry(state);
  const by = direction * (rows ?? Math.max(1, paneHeight - 2));
  if (state.panel) {
    const most = Math.max(0, panelRows(state.panel, paneWidth).length - paneHeight);
    return still({ ...state, panel: { ...state.panel, top: Math.min(most, Math.max(0, state.panel.top + by)) } });
  }
  const channel = activeChannel(state);
  if (!channel) return still(state);
  const anchor = scrolled(shownTimeline(state, channel), channel.anchor, by, paneHeight, lookOf(state, channel));
  if (!anchor) return still(toEnd(state));
  return needsOlder(withChannel(state, channel.view.id, (known) => ({ ...known, anchor })));
}

function toTop(state: ChatState): Update {
  const channel = activeChannel(state);
  if (!channel || state.panel) return still(state);
  const anchor = atTop(shownTimeline(state, channel), geometry(state).paneHeight, lookOf(state, channel));
  return needsOlder(withChannel(state, channel.view.id, (known) => ({ ...known, anchor })));
}

function toEnd(state: ChatState): ChatState {
  const channel = activeChannel(state);
  if (!channel) return state;
  return withChannel({ ...state, panel: undefined }, channel.view.id, (known) => ({
    ...known,
    anchor: undefined,
    unread: 0,
    mentioned: false,
  }));
}

function enter(state: ChatState): Update {
  const { text } = draftOf(state);
  if (text.trim() === '') return still(text === '' ? { ...state, panel: undefined } : withDraft(state, emptyEditor));
  const line = parseLine(text);
  if (line.kind === 'unknown') {
    return still(withNotice(state, `${line.name} is no command: /help lists them; a message begins with //`, 'error'));
  }
  if (line.kind === 'message') return say(state, line.text, text);
  const done = command(state, line.name, line.argument);
  // A command that could not be carried out stays, to be mended.
  return done ? { ...done, state: afterwards(done.state, state, text) } : still(withNotice(state, usage(line.name), 'error'));
}

/** The line is remembered, and gone from where it was written. */
function afterwards(next: ChatState, before: ChatState, line: string): ChatState {
  const remembered = { ...next, recall: remember(next.recall, line), completion: undefined };
  if (before.active === undefined) return { ...remembered, looseDraft: emptyEditor };
  return withChannel(remembered, before.active, (channel) => ({ ...channel, draft: emptyEditor }));
}

function say(state: ChatState, text: string, line: string): Update {
  const channel = activeChannel(state);
  if (!channel) return still(withNotice(state, 'join a channel first: /channels lists them, /create NAME makes one', 'error'));
  if (state.connection.kind !== 'online') return still(withNotice(state, 'the node is not running: your text is kept here', 'error'));
  const localId = state.nextLocalId;
  const entered = afterwards(toEnd({ ...state, nextLocalId: localId + 1 }), state, line);
  const next = withChannel(entered, channel.view.id, (known) => ({
    ...known,
    readUpTo: undefined,
    unconfirmed: [...known.unconfirmed.filter(({ error }) => error === undefined), { localId, text, time: state.now }],
  }));
  return { state: next, effects: [{ do: 'send', channelId: channel.view.id, localId, text }] };
}

function usage(name: string): string {
  const known = CHAT_COMMANDS.find((entry) => entry.name === name);
  return known?.argument ? `${name} ${known.argument}: ${known.help}` : `${name}: not here`;
}

/** Undefined when something is missing that the command needs. */
function command(state: ChatState, name: string, argument: string): Update | undefined {
  const ask = (...effects: Effect[]): Update => ({ state, effects });
  const channel = activeChannel(state);
  switch (name) {
    case '/help':
      return show(state, 'Help', helpLines());
    case '/quit':
      return quit(state);
    case '/join':
      return argument === '' ? undefined : join(state, argument);
    case '/create':
      return argument === '' ? undefined : ask({ do: 'create', name: argument });
    case '/leave': {
      const left = argument === '' ? channel : find(state, argument);
      return left && ask({ do: 'leave', channelId: left.view.id });
    }
    case '/channels':
      return show(state, 'Channels', channelLines(state), { do: 'channels' });
    case '/who':
      return channel && show(state, `In ${titleOf(channel.view)}`, whoLines(state), { do: 'members', channelId: channel.view.id });
    case '/search':
      return channel && argument !== '' ? ask({ do: 'search', words: argument, channelId: channel.view.id }) : undefined;
    case '/search-all':
      return argument === '' ? undefined : ask({ do: 'search', words: argument });
    case '/edit':
    case '/delete':
    case '/react':
    case '/pin': {
      const act = actOf(state, name, argument);
      return act && ask(act);
    }
    case '/timer':
      return timerOf(state, argument);
    case '/info':
      return ask({ do: 'info', channelId: channel?.view.id });
    default:
      return undefined;
  }
}

function show(state: ChatState, title: string, lines: readonly PanelLine[], ...effects: Effect[]): Update {
  return { state: { ...state, panel: { title, lines, top: 0 } }, effects };
}

function find(state: ChatState, idOrName: string): ChatState['channels'][number] | undefined {
  const name = idOrName.replace(/^#/, '');
  return state.channels.find(({ view }) => view.id === name || isTitled(view, name));
}

function join(state: ChatState, name: string): Update {
  const known = find(state, name);
  return known ? turnTo(state, known.view.id) : { state, effects: [{ do: 'join', name }] };
}

function channelLines(state: ChatState): PanelLine[] {
  if (state.known.length === 0) return [{ text: 'No channel is known yet. /create NAME makes one.', tone: 'faint' }];
  const names = new Map<string, number>();
  for (const channel of state.known) names.set(titleOf(channel), (names.get(titleOf(channel)) ?? 0) + 1);
  return state.known.map((channel): PanelLine => {
    const { id, joined, members, ended } = channel;
    const title = titleOf(channel);
    const which = (names.get(title) ?? 0) > 1 ? `  ${id}` : '';
    const text = `${joined ? '●' : '○'} ${title}  ${members} ${members === 1 ? 'member' : 'members'}${joined ? ', you are one' : ended ? `, ${endedWords(channel)}` : ''}${which}`;
    return joined ? { text, hang: 2 } : { text, hang: 2, tone: 'faint' };
  });
}

function whoLines(state: ChatState): PanelLine[] {
  const channel = activeChannel(state);
  const people = channel ? membersOf(state, channel) : [];
  return people.map((person): PanelLine => {
    const here = isHere(state, person);
    const own = person.node_id === state.self?.nodeId ? ' (you)' : '';
    const devices = person.devices > 1 ? `, ${person.devices} devices` : '';
    const words = presenceWords(person, state.now) || (here ? 'here' : 'away');
    return {
      text: `${isAway(person) ? '◐' : here ? '●' : '○'} ${person.display}${own}  ${words}${devices}  ${person.key ?? person.node_id}`,
      ...(here ? {} : { tone: 'faint' as const }),
      hang: 2,
    };
  });
}
