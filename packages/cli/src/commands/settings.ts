import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { nodeOf } from '../api.ts';
import { type AddCommand, type Context, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';

const WORDS = {
  read_marks: 'whoever wrote to you sees that you have read it, and you see the same of them',
  typing: 'others in a conversation of two or a small closed channel see that you are writing, and you see the same of them',
  presence: 'contacts see whether you are there, and when you last were, and you see the same of them',
} as const;
type Setting = keyof typeof WORDS;
const NAMES = Object.keys(WORDS) as Setting[];

function settingOf(value: string): Setting {
  const name = NAMES.find((known) => known === value.replaceAll('-', '_'));
  if (!name) throw new InvalidArgumentError(`It is one of ${NAMES.join(', ')}.`);
  return name;
}

function print(context: Context, settings: Readonly<Record<Setting, boolean>>, shown: readonly Setting[]): void {
  context.out.object(Object.fromEntries(shown.map((name) => [name, settings[name]])));
  for (const name of shown) context.out.line(`${name.padEnd(10)} ${settings[name] ? 'on ' : 'off'}  ${WORDS[name]}`);
}

const plain = (command: Command): Command => command.addOption(dataOption()).addOption(jsonOption());

export const addSettings: AddCommand = (program, attach) => {
  const settings = program.command('settings').description('what you share of what you do; what is off is neither told nor shown');

  const get = plain(settings.command('get', { isDefault: true }).description('how a setting stands, or all of them'));
  get.argument('[name]', NAMES.join(', '), settingOf);
  attach(get, async (context, [name], options) => {
    const known = await (await nodeOf(context, options)).settings();
    print(context, known, name === undefined ? NAMES : [name as Setting]);
    return EXIT.ok;
  });

  const set = plain(settings.command('set').description('turn a setting on or off'));
  set.argument('<name>', NAMES.join(', '), settingOf).argument('<value>', 'on or off', (value: string) => {
    if (value !== 'on' && value !== 'off') throw new InvalidArgumentError('It is on or off.');
    return value;
  });
  attach(set, async (context, [name, value], options) => {
    const changed = await (await nodeOf(context, options)).setSettings({ [name as Setting]: value === 'on' });
    print(context, changed, [name as Setting]);
    return EXIT.ok;
  });
};
