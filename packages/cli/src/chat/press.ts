import { titleOf } from '../channel-of.ts';
import { CHAT_COMMANDS } from './commands.ts';
import { complete } from './complete.ts';
import { type EditCommand, type Editor, edit, emptyEditor, insert, recalled, vertical } from './editor.ts';
import { enter } from './enter.ts';
import { geometry, lookOf, shownTimeline } from './geometry.ts';
import type { Key, NamedKey } from './keys.ts';
import { panelRows } from './panel-rows.ts';
import { pathsBeginning } from './paths.ts';
import { openRequests } from './requests.ts';
import { toEnd } from './say.ts';
import { membersOf } from './side-rows.ts';
import { activeChannel, type ChatState, draftOf, withChannel, withDraft, withNotice } from './state.ts';
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

const quit = (state: ChatState): Update => ({ state, effects: [{ do: 'quit' }] });

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
    paths: pathsBeginning,
    requests: openRequests(state).map(({ kind, title }) => (kind === 'contact' ? `@${title}` : title)),
    places: state.channels.map(({ view }) => titleOf(view)),
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
