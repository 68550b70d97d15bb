import type { SettingsView } from '@parley/host';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { nodeOf } from '../api.ts';
import { type AddCommand, type Context, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';

const WORDS = {
  read_marks: 'whoever wrote to you sees that you have read it, and you see the same of them',
  typing: 'others in a conversation of two or a small closed channel see that you are writing, and you see the same of them',
  presence: 'contacts see whether you are active, and when you last were, and you see the same of them',
  direct: 'your node makes links of its own with those to whom you write, and with contacts who ask: they see its network address',
  circuits: 'servers, 1 to 3, through which goes what is between you and one other person: from 2 on none of them sees both of you',
} as const;
type Setting = keyof typeof WORDS;
/** The same of what is off. */
const OFF: Readonly<Record<Setting, string>> = {
  read_marks: 'nobody sees what you have read, and you do not see what others have',
  typing: 'nobody sees that you are writing, and you do not see that others are',
  presence: 'contacts do not see whether you are active, and you do not see it of them; that a node runs all see',
  direct: 'your node makes links only where you told it to; what you write goes by servers, and nobody else sees its network address',
  circuits: 'who passes on what is between you and one other person sees both of you; 2 or 3 servers between would hide that',
};
const NAMES = Object.keys(WORDS) as Setting[];

function settingOf(value: string): Setting {
  const name = NAMES.find((known) => known === value.replaceAll('-', '_'));
  if (!name) throw new InvalidArgumentError(`It is one of ${NAMES.join(', ')}.`);
  return name;
}

/** How a value is written: `off`, `on`, or a number. */
const word = (value: boolean | number): string => (value === true ? 'on' : value === false || value === 0 ? 'off' : String(value));

/** Errors: `usage`. */
function parsed(name: Setting, text: string): boolean | number {
  if (name === 'circuits') {
    if (/^[0-3]$/.test(text)) return Number(text);
    if (text === 'off') return 0;
    throw new Failure('usage', 'circuits is a number of servers from 1 to 3, or off');
  }
  if (text === 'on' || text === 'off') return text === 'on';
  throw new Failure('usage', `${name} is on or off`);
}

function print(context: Context, settings: SettingsView, shown: readonly Setting[]): void {
  context.out.object(Object.fromEntries(shown.map((name) => [name, settings[name]])));
  for (const name of shown)
    context.out.line(`${name.padEnd(10)} ${word(settings[name]).padEnd(3)}  ${(word(settings[name]) === 'off' ? OFF : WORDS)[name]}`);
}

const plain = (command: Command): Command => command.addOption(dataOption()).addOption(jsonOption());

export const addSettings: AddCommand = (program, attach) => {
  const settings = program
    .command('settings')
    .description('what you share of what you do, and of whom you talk with; what is off is neither told nor shown');

  const get = plain(settings.command('get', { isDefault: true }).description('how a setting stands, or all of them'));
  get.argument('[name]', NAMES.join(', '), settingOf);
  attach(get, async (context, [name], options) => {
    const known = await (await nodeOf(context, options)).settings();
    print(context, known, name === undefined ? NAMES : [name as Setting]);
    return EXIT.ok;
  });

  const set = plain(settings.command('set').description('change a setting'));
  set.argument('<name>', NAMES.join(', '), settingOf).argument('<value>', 'on or off; for circuits a number of servers, 1 to 3, or off');
  set.addHelpText(
    'after',
    '\nWithout circuits, the servers on the way see who writes to whom. With them, what is between you and one other person goes through so many\n' +
      'servers that none sees both of you (with 1, that server does), or it waits. The answers are hidden only if the other has circuits too.\n' +
      'Channels are not hidden: public ones can be read by everybody.',
  );
  attach(set, async (context, [name, text = ''], options) => {
    const value = parsed(name as Setting, text);
    const changed = await (await nodeOf(context, options)).setSettings({ [name as Setting]: value });
    print(context, changed, [name as Setting]);
    return EXIT.ok;
  });
};
