import { CHAT_COMMANDS, parseLine } from './commands.ts';
import { emptyEditor, remember } from './editor.ts';
import { runCommand } from './run-command.ts';
import { say } from './say.ts';
import { type ChatState, draftOf, withChannel, withDraft, withNotice } from './state.ts';
import { still, type Update } from './update.ts';

/** What was written is a message, or a command. */
export function enter(state: ChatState): Update {
  const { text } = draftOf(state);
  if (text.trim() === '') return still(text === '' ? { ...state, panel: undefined } : withDraft(state, emptyEditor));
  const line = parseLine(text);
  if (line.kind === 'unknown') {
    return still(withNotice(state, `${line.name} is no command: /help lists them; a message begins with //`, 'error'));
  }
  const done = line.kind === 'message' ? say(state, line.text) : (runCommand(state, line.name, line.argument) ?? usage(line.name));
  // What could not be carried out stays, to be mended.
  if (typeof done === 'string') return still(withNotice(state, done, 'error'));
  return { ...done, state: afterwards(done.state, state, text) };
}

/** The line is remembered, and gone from where it was written. */
function afterwards(next: ChatState, before: ChatState, line: string): ChatState {
  const remembered = { ...next, recall: remember(next.recall, line), completion: undefined };
  if (before.active === undefined) return { ...remembered, looseDraft: emptyEditor };
  return withChannel(remembered, before.active, (channel) => ({ ...channel, draft: emptyEditor }));
}

function usage(name: string): string {
  const known = CHAT_COMMANDS.find((entry) => entry.name === name);
  return known?.argument ? `${name} ${known.argument}: ${known.help}` : `${name}: not here`;
}
