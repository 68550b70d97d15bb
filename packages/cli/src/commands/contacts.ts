import type { ContactView } from '@parley/host';
import type { Command } from 'commander';
import { nodeOf } from '../api.ts';
import { type AddCommand, type Attach, type Context, dataOption, jsonOption, type Options, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { contactLines, numberLines, typed } from '../format/contacts.ts';
import { safeText } from '../text/safe-text.ts';
import { addRotate } from './rotate.ts';

const called = ({ display }: ContactView): string => safeText(display);

/** Adds a command that is about one contact, and says a line. */
function addOne(
  contacts: Command,
  attach: Attach,
  how: { readonly name: string; readonly description: string },
  act: (context: Context, who: string, options: Options) => Promise<{ readonly object: object; readonly line: string }>,
): Command {
  const command = contacts.command(how.name).description(how.description).addOption(dataOption()).addOption(jsonOption());
  attach(command, async (context, [who = ''], options) => {
    const { object, line } = await act(context, who, options);
    context.out.object(object);
    context.out.line(line);
    return EXIT.ok;
  });
  return command;
}

export const addContacts: AddCommand = (program, attach) => {
  const contacts = program.command('contacts').description('whom you know by key: list, add, accept, verify, block');

  const list = contacts
    .command('list', { isDefault: true })
    .description('contacts, and who asks to be one')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(list, async (context, _, options) => {
    const known = await (await nodeOf(context, options)).contacts.list();
    for (const contact of known) context.out.object(contact);
    for (const line of contactLines(known, context.out.style, Date.now())) context.out.line(line);
    return EXIT.ok;
  });

  const link = contacts.command('link').description('the link by which others add you').addOption(dataOption()).addOption(jsonOption());
  attach(link, async (context, _, options) => {
    const text = await (await nodeOf(context, options)).contacts.link();
    context.out.object({ link: text });
    context.out.line(text);
    return EXIT.ok;
  });

  const add = contacts
    .command('add <link>')
    .description('ask somebody to be a contact, by their link or key id; or accept who has asked')
    .option('-a, --alias <name>', 'what you call them')
    .option('-m, --message <text>', 'words for them, at most 280 bytes')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(add, async (context, [given = ''], options) => {
    const alias = textOption(options, 'alias');
    const note = textOption(options, 'message');
    const node = await nodeOf(context, options);
    const contact = await node.contacts.add(given, { ...(alias === undefined ? {} : { alias }), ...(note === undefined ? {} : { note }) });
    context.out.object(contact);
    context.out.line(
      contact.state === 'accepted' ? `${called(contact)} is a contact` : `asked ${called(contact)}; they answer when they see it`,
    );
    return EXIT.ok;
  });

  addOne(contacts, attach, { name: 'accept <who>', description: 'say yes to who has asked' }, async (context, who, options) => {
    const contact = await (await nodeOf(context, options)).contacts.accept(who);
    return {
      object: contact,
      line: `${called(contact)} is a contact; compare the safety number: parley contacts verify ${typed(contact)}`,
    };
  });
  addOne(contacts, attach, { name: 'decline <who>', description: 'say no to who has asked' }, async (context, who, options) => {
    await (await nodeOf(context, options)).contacts.decline(who);
    return { object: { declined: who }, line: `declined ${safeText(who)}` };
  });
  addOne(contacts, attach, { name: 'remove <who>', description: 'forget a contact' }, async (context, who, options) => {
    await (await nodeOf(context, options)).contacts.remove(who);
    return { object: { removed: who }, line: `removed ${safeText(who)}` };
  });
  addOne(
    contacts,
    attach,
    {
      name: 'block <who>',
      description: 'take nothing more from a contact, or from a key: what they write in channels that you share is shown all the same',
    },
    async (context, who, options) => {
      const contact = await (await nodeOf(context, options)).contacts.block(who);
      return { object: contact, line: `blocked ${called(contact)}: they are not told` };
    },
  );
  addOne(contacts, attach, { name: 'unblock <who>', description: 'hear of them again' }, async (context, who, options) => {
    await (await nodeOf(context, options)).contacts.unblock(who);
    return { object: { unblocked: who }, line: `unblocked ${safeText(who)}` };
  });

  const rename = contacts
    .command('rename <who> [alias]')
    .description('call a contact by another name; without one, by their own')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(rename, async (context, [who = '', alias], options) => {
    const contact = await (await nodeOf(context, options)).contacts.rename(who, alias);
    context.out.object(contact);
    context.out.line(`they are called ${called(contact)} here`);
    return EXIT.ok;
  });

  addVerify(contacts, attach);
  addKey(contacts, attach);
  addRotate(contacts, attach);
};

function addVerify(contacts: Command, attach: Attach): void {
  const verify = contacts
    .command('verify <who> [number...]')
    .description('show the safety number; with the number that they see, mark them as verified')
    .option('--undo', 'they count as not verified any more')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(verify, async (context, [who = '', ...digits], options) => {
    const { contacts: known } = await nodeOf(context, options);
    if (options.undo === true || digits.length > 0) {
      const contact = await known.verify(who, ...(options.undo === true ? [] : [digits.join(' ')]));
      context.out.object(contact);
      context.out.line(contact.verified ? `${called(contact)} is verified` : `${called(contact)} is not verified any more`);
      return EXIT.ok;
    }
    const number = await known.safetyNumber(who);
    context.out.object({ number });
    for (const line of numberLines(number)) context.out.line(line);
    context.out.note('Compare it with theirs, by voice or side by side. If it is the same: parley contacts verify WHO NUMBER');
    return EXIT.ok;
  });
}

function addKey(contacts: Command, attach: Attach): void {
  const key = contacts
    .command('key <who>')
    .description('decide about a new key that the old key of a contact has named')
    .option('--believe', 'it is theirs')
    .option('--refuse', 'it is not')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(key, async (context, [who = ''], options) => {
    if ((options.believe === true) === (options.refuse === true)) throw new Failure('usage', 'give either --believe or --refuse');
    const contact = await (await nodeOf(context, options)).contacts.decideKey(who, options.believe === true);
    context.out.object(contact);
    context.out.line(
      options.believe === true
        ? `${called(contact)} has the key ${safeText(contact.key)} now, and is not verified: compare the safety number`
        : `${called(contact)} keeps the key ${safeText(contact.key)}`,
    );
    return EXIT.ok;
  });
}
