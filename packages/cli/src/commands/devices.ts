import type { DevicesView } from '@parley/host';
import type { Command } from 'commander';
import { nodeOf } from '../api.ts';
import { type AddCommand, type Context, dataOption, jsonOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { numberLines } from '../format/contacts.ts';
import { safeText } from '../text/safe-text.ts';

const plain = (command: Command): Command => command.addOption(dataOption()).addOption(jsonOption());

function print({ out }: Context, view: DevicesView): void {
  out.object(view);
  if (view.state === 'revoked') {
    out.line('this device was revoked: it stands for nobody but itself');
    return;
  }
  for (const device of view.devices) {
    const marks = [
      ...(device.first ? ['first'] : []),
      ...(device.this ? ['this one'] : []),
      device.present ? 'here' : 'away',
      ...(device.added === undefined ? [] : [`since ${device.added.slice(0, 10)}`]),
    ];
    out.line(`${safeText(device.name)}  ${marks.join(', ')}  ${device.key}`);
  }
  for (const { name, until, key } of view.revoked) out.line(`${safeText(name)}  revoked ${until.slice(0, 10)}  ${key}`);
  if (view.asked_by && view.state !== 'linked') {
    out.line(`${safeText(view.asked_by.name)} asks to link this device, and shows this number:`);
    for (const line of numberLines(view.asked_by.number)) out.line(line);
  }
}

export const addDevices: AddCommand = (program, attach) => {
  const devices = program.command('devices').description('several devices of one person: link, list, revoke');

  const list = plain(devices.command('list', { isDefault: true }).description('your devices; on a new one, who asks to link it'));
  attach(list, async (context, _, options) => {
    print(context, await (await nodeOf(context, options)).devices.list());
    return EXIT.ok;
  });

  const code = plain(
    devices.command('code').description('on a new device: a code, good for ten minutes, by which your first device links it'),
  );
  attach(code, async (context, _, options) => {
    const shown = await (await nodeOf(context, options)).devices.code();
    context.out.object(shown);
    context.out.line(shown.link);
    context.out.note('Show it to nobody. On your first device: parley devices link LINK');
    return EXIT.ok;
  });

  const link = plain(devices.command('link <link>').description('on your first device: ask the new one that shows this code'));
  link.option('--yes', 'link it at once, without comparing the number');
  attach(link, async (context, [given = ''], options) => {
    const { devices: known } = await nodeOf(context, options);
    const found = await known.ask(given);
    if (options.yes === true) {
      print(context, await known.confirm(found.key));
      return EXIT.ok;
    }
    context.out.object(found);
    context.out.line(`${safeText(found.name)} has agreed. It will receive and send everything in your name.`);
    for (const line of numberLines(found.number)) context.out.line(line);
    context.out.note(`parley devices list there shows the same number? Then: parley devices confirm ${found.key}`);
    return EXIT.ok;
  });

  const confirm = plain(devices.command('confirm <key>').description('link the device whose number is the same on both'));
  attach(confirm, async (context, [key = ''], options) => {
    print(context, await (await nodeOf(context, options)).devices.confirm(key));
    return EXIT.ok;
  });

  const revoke = plain(devices.command('revoke <who>').description('on your first device: one that was lost is yours no more, for good'));
  attach(revoke, async (context, [who = ''], options) => {
    print(context, await (await nodeOf(context, options)).devices.revoke(who));
    return EXIT.ok;
  });
};
