import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, RotationView } from '@parley/host';
import type { Command } from 'commander';
import { nodeOf } from '../api.ts';
import { type Attach, type Context, dataOption, jsonOption, textOption } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { Failure } from '../failure.ts';
import { safeText } from '../text/safe-text.ts';

const POLL_MS = 250;

/** Waits until every contact was told, or the time is over. */
async function whenTold(node: ApiClient, seconds: number): Promise<RotationView | undefined> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const rotation = await node.contacts.rotation();
    if (!rotation || rotation.contacts.every(({ told }) => told) || Date.now() >= until) return rotation;
    await sleep(POLL_MS);
  }
}

function tell({ out }: Context, rotation: RotationView | undefined): void {
  out.object(rotation ?? { rotation: null });
  if (!rotation) out.line('no new key was begun with');
  else out.line(`${rotation.to} is to follow ${rotation.from}`);
  for (const { display, told, device } of rotation?.contacts ?? [])
    out.line(`  ${safeText(display)}  ${device ? 'your device, ' : ''}${told ? 'told' : 'not told yet'}`);
}

/** A new key for the user, from the first step to the last. */
export function addRotate(contacts: Command, attach: Attach): void {
  const rotate = contacts
    .command('rotate [who...]')
    .description(
      'take a new key: the old one signs it, and these contacts are told; without any, all that are verified. Own devices come along',
    )
    .option('--all', 'tell all contacts')
    .option('--anyway', 'go on though some contacts were not told yet: they are told afterwards')
    .option('--status', 'only say how far it is')
    .option('--cancel', 'forget the new key; whoever was told was told')
    .option('--timeout <seconds>', 'how long to wait until all are told', '30')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(rotate, async (context, who, options) => {
    if (options.all === true && who.length > 0) throw new Failure('usage', 'give either --all or names');
    const seconds = Number(textOption(options, 'timeout'));
    if (!(seconds >= 0 && seconds <= 86_400)) throw new Failure('usage', '--timeout takes seconds, at most a day');
    const node = await nodeOf(context, options);
    const before = await node.contacts.rotation();
    if (options.status === true) {
      tell(context, before);
      return EXIT.ok;
    }
    if (options.cancel === true) {
      await node.contacts.cancelRotation();
      context.out.object({ cancelled: true });
      context.out.line('the new key is forgotten');
      return EXIT.ok;
    }
    // Begun with before: it goes on, with those who were picked then.
    if (before?.phase !== 'telling') await node.contacts.beginRotation(options.all === true ? 'all' : who.length > 0 ? who : 'verified');
    const rotation = await whenTold(node, seconds);
    if (!rotation) throw new Failure('not-found', 'it was given up meanwhile');
    const untold = rotation.contacts.filter(({ told }) => !told);
    if (untold.length > 0 && options.anyway !== true) {
      tell(context, rotation);
      context.out.note('The old key stays in use until all are told. Say the same again later, or --anyway to go on now.');
      return EXIT.timeout;
    }
    await node.contacts.finishRotation(options.anyway === true);
    context.out.object({ ...rotation, phase: 'following' });
    context.out.line(`your key is ${rotation.to} now; the node starts anew with it`);
    context.out.note(
      'Contacts who were told decide whether they believe it, and compare the safety number anew. The others see a stranger.',
    );
    return EXIT.ok;
  });
}
