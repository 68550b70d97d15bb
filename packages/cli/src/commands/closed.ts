import { ROLE_WORDS } from '@parley/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { nodeOf } from '../api.ts';
import { channelOf } from '../channel-of.ts';
import { type Attach, dataOption, jsonOption, type Options } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { invitationLines, memberLines } from '../format/closed.ts';
import { safeText } from '../text/safe-text.ts';

const ROLES = ['owner', 'moderator', 'member', 'observer'] as const;
type Role = (typeof ROLES)[number];
const MAX_HISTORY = 100_000;

/** What newcomers may read of the time before them. */
function history(value: string): 'none' | 'all' | number {
  if (value === 'none' || value === 'all') return value;
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= MAX_HISTORY) return number;
  throw new InvalidArgumentError(`It is none, all, or a number of messages up to ${MAX_HISTORY}.`);
}

export function historyOption(): Option {
  return new Option('--history <n>', 'what newcomers may read of the time before: none, all, or the last N messages').argParser(history);
}

export const historyOf = (options: Options): 'none' | 'all' | number | undefined => options.history as 'none' | 'all' | number | undefined;

const plain = (command: Command): Command => command.addOption(dataOption()).addOption(jsonOption());

/** Commands for closed channels: who is in them, and invitations. */
export function addClosed(channels: Command, attach: Attach): void {
  addMembers(channels, attach);
  addInvitations(channels, attach);
}

function addMembers(channels: Command, attach: Attach): void {
  const members = plain(channels.command('members <channel>').description('who is in a channel; of a closed one with their roles'));
  attach(members, async (context, [channel = ''], options) => {
    const all = await (await nodeOf(context, options)).members(channel);
    for (const member of all) context.out.object(member);
    for (const line of memberLines(all, context.out.style)) context.out.line(line);
    return EXIT.ok;
  });

  const invite = plain(
    channels.command('invite <channel> <who>').description('invite somebody to a closed channel: a contact, or by key id'),
  );
  invite.addOption(new Option('--role <role>', 'what they are to be').choices(ROLES.slice(1)).default('member'));
  attach(invite, async (context, [channel = '', who = ''], options) => {
    const node = await nodeOf(context, options);
    const member = await node.closed.invite(channel, who, options.role as Exclude<Role, 'owner'>);
    context.out.object(member);
    context.out.line(`invited ${safeText(member.display)}; they are in when they accept`);
    return EXIT.ok;
  });

  const remove = plain(channels.command('remove <channel> <who>').description('send somebody away from a closed channel'));
  attach(remove, async (context, [channel = '', who = ''], options) => {
    await (await nodeOf(context, options)).closed.remove(channel, who);
    context.out.object({ channel, removed: who });
    context.out.line(`${safeText(who)} is out; the others have a new key`);
    return EXIT.ok;
  });

  const role = plain(
    channels
      .command('role <channel> <who>')
      .description('give a member of a closed channel another role')
      .addHelpText(
        'after',
        '\nOwners do everything. Moderators invite, and change and send away members and observers. Members write, and invite. Observers read.',
      ),
  );
  role.argument('<role>', 'owner, moderator, member or observer', (value: string) => {
    if ((ROLES as readonly string[]).includes(value)) return value;
    throw new InvalidArgumentError(`It is one of ${ROLES.join(', ')}.`);
  });
  attach(role, async (context, [channel = '', who = '', given = ''], options) => {
    const member = await (await nodeOf(context, options)).closed.setRole(channel, who, given as Role);
    context.out.object(member);
    context.out.line(`${safeText(member.display)} is now ${ROLE_WORDS[given as Role]}`);
    return EXIT.ok;
  });

  const settings = plain(
    channels
      .command('settings <channel>')
      .description('what newcomers to a closed channel may read; for its owners, to change that or to name the channel anew'),
  );
  settings.option('--name <name>', 'what it is called from now on').addOption(historyOption());
  attach(settings, async (context, [channel = ''], options) => {
    const changes = { name: options.name as string | undefined, history: historyOf(options) };
    const node = await nodeOf(context, options);
    const isChange = Object.values(changes).some((value) => value !== undefined);
    const changed = isChange ? await node.closed.settings(channel, changes) : await channelOf(node, channel);
    const { history } = await node.closed.view(changed.id);
    context.out.object({ ...changed, history });
    context.out.line(
      `#${safeText(changed.name)}: newcomers may read ${history === 'none' ? 'nothing' : history === 'all' ? 'all' : history === 1 ? 'the last message' : `the last ${history} messages`} of the time before`,
    );
    return EXIT.ok;
  });
}

function addInvitations(channels: Command, attach: Attach): void {
  const list = plain(channels.command('invitations').description('invitations to closed channels'));
  attach(list, async (context, _, options) => {
    const open = await (await nodeOf(context, options)).closed.invitations();
    for (const invitation of open) context.out.object(invitation);
    for (const line of invitationLines(open)) context.out.line(line);
    return EXIT.ok;
  });

  const accept = plain(channels.command('accept <channel>').description('accept an invitation, by the name or id of the channel'));
  attach(accept, async (context, [channel = ''], options) => {
    const joined = await (await nodeOf(context, options)).closed.accept(channel);
    context.out.object(joined);
    context.out.line(`joined #${safeText(joined.name)}`);
    return EXIT.ok;
  });

  const decline = plain(channels.command('decline <channel>').description('decline an invitation, by the name or id of the channel'));
  attach(decline, async (context, [channel = ''], options) => {
    await (await nodeOf(context, options)).closed.decline(channel);
    context.out.object({ channel, declined: true });
    context.out.line(`declined #${safeText(channel.replace(/^#/, ''))}`);
    return EXIT.ok;
  });
}
