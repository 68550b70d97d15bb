import { SIGNS } from '../format/delivery.ts';
import { MUTED_SIGN } from './side-rows.ts';
import type { PanelLine } from './state.ts';

export interface ChatCommand {
  readonly name: string;
  readonly argument?: string;
  readonly help: string;
}

export const CHAT_COMMANDS: readonly ChatCommand[] = [
  { name: '/help', help: 'this help' },
  { name: '/join', argument: 'CHANNEL', help: 'join a channel, or turn to it' },
  { name: '/create', argument: 'CHANNEL', help: 'make a channel, which anybody may join' },
  { name: '/leave', argument: '[CHANNEL]', help: 'leave it, or the one on the screen' },
  { name: '/channels', help: 'the channels that are known here' },
  { name: '/who', help: 'who is in this channel; of a closed one, who owns, moderates or only observes it' },
  { name: '/requests', help: 'who asks to be a contact, and to which closed channels you are invited' },
  { name: '/accept', argument: 'NAME', help: 'say yes to one of them: @NAME is who asks, #NAME the channel' },
  { name: '/decline', argument: 'NAME', help: 'say no to one of them' },
  { name: '/search', argument: 'WORDS', help: 'search this channel; /search-all searches every channel' },
  { name: '/search-all', argument: 'WORDS', help: 'search what this node holds' },
  { name: '/reply', argument: '[^N] TEXT', help: 'answer the last message of somebody else here' },
  { name: '/forward', argument: '[^N] WHERE', help: 'pass the last message here on to another channel, or to a contact as @NAME' },
  { name: '/edit', argument: '[^N] TEXT', help: 'make your last message here say something else' },
  { name: '/delete', argument: '[^N]', help: 'delete your last message here, for everybody' },
  { name: '/react', argument: '[^N] EMOJI', help: 'react to the last message here' },
  { name: '/pin', argument: '[^N]', help: 'pin the last message here, or take the pin away' },
  { name: '/retry', help: 'send once more what could not be sent here, which ✗ marks' },
  { name: '/dismiss', help: 'take it away instead' },
  { name: '/file', argument: 'PATH', help: 'send a file; Tab completes where it is' },
  { name: '/files', help: 'what is attached to messages here, with numbers' },
  {
    name: '/save',
    argument: '[N] [PATH]',
    help: 'fetch and save file N of /files, else the latest; without a path, in the directory in which the chat was started',
  },
  { name: '/cancel', help: 'give up what /save is fetching' },
  {
    name: '/mute',
    argument: '[CHANNEL]',
    help: 'let nothing new there stand out, or let it again; @NAME is the conversation with a contact',
  },
  { name: '/timer', argument: '[TIME]', help: 'let messages disappear: off, or 1m to 4w (30m, 1h, 7d); without a time, how it stands' },
  { name: '/info', help: 'this node, where your last message stands, and how the last one came' },
  { name: '/quit', help: 'end the chat' },
];

const KEYS: readonly (readonly [keys: string, help: string])[] = [
  ['Enter', 'send'],
  ['Alt-Enter, Ctrl-J', 'a new line in the message'],
  ['Ctrl-N, Ctrl-P', 'next and previous channel'],
  ['PageUp, PageDown', 'older and newer messages; Ctrl-End or Esc to the latest'],
  ['Up, Down', 'what you wrote before'],
  ['Tab', 'complete a name, a channel, a command or a path; again for the next one'],
  ['Ctrl-A, Ctrl-E', 'beginning and end of the line'],
  ['Ctrl-W, Ctrl-U, Ctrl-K', 'delete a word, to the beginning, to the end'],
  ['Ctrl-L', 'draw the screen anew'],
  ['Ctrl-C twice, Ctrl-D', 'end the chat'],
];

const SIDE_SIGNS: readonly (readonly [sign: string, says: string])[] = [
  ['●', 'here'],
  ['◐', 'in reach, but away from their device'],
  ['○', 'not in reach'],
  [MUTED_SIGN, 'muted: nothing new there stands out'],
];

function table(rows: readonly (readonly [string, string])[]): PanelLine[] {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => ({ text: `  ${left.padEnd(width)}${right}`, hang: width + 2 }));
}

export function helpLines(): PanelLine[] {
  return [
    { text: 'Commands', tone: 'strong' },
    ...table(CHAT_COMMANDS.map(({ name, argument, help }) => [argument === undefined ? name : `${name} ${argument}`, help])),
    { text: '  ^N is another message, counted from below: ^1 is the last one here, ^2 the one before it', tone: 'faint', hang: 2 },
    { text: '  A message that begins with / is written with two: //like this', tone: 'faint' },
    { text: '' },
    { text: 'Keys', tone: 'strong' },
    ...table(KEYS),
    { text: '' },
    { text: 'Marks beside your messages', tone: 'strong' },
    ...table(Object.values(SIGNS)),
    { text: '' },
    { text: 'At the side', tone: 'strong' },
    ...table(SIDE_SIGNS),
  ];
}

export type ParsedLine =
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'command'; readonly name: string; readonly argument: string }
  | { readonly kind: 'unknown'; readonly name: string };

/** What a line that was entered means. Commands may be shortened as long as only one begins like it. */
export function parseLine(text: string): ParsedLine {
  if (text.startsWith('//')) return { kind: 'message', text: text.slice(1) };
  const match = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  if (!match) return { kind: 'message', text };
  const typed = `/${(match[1] ?? '').toLowerCase()}`;
  const argument = (match[2] ?? '').trim();
  const exact = CHAT_COMMANDS.find(({ name }) => name === typed);
  const alike = CHAT_COMMANDS.filter(({ name }) => name.startsWith(typed));
  const found = exact ?? (alike.length === 1 && typed.length > 1 ? alike[0] : undefined);
  return found ? { kind: 'command', name: found.name, argument } : { kind: 'unknown', name: typed };
}
