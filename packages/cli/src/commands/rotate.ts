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

/** Contacts who would not be told, of whom the user has not said a word. They would be lost: from the new key they hear of a stranger. */
async function checkUntold(node: ApiClient): Promise<void> {
  const unverified = (await node.contacts.list()).filter(({ state, blocked, verified }) => state === 'accepted' && !blocked && !verified);
  if (unverified.length === 0) return;
  const names = unverified.map(({ display }) => safeText(display)).join(', ');
  throw new Failure(
    'conflict',
    `${names} ${unverified.length === 1 ? 'is' : 'are'} not verified, and would not be told: with the new key they would be contacts no longer. Tell all with --all, name those who are to know, or say --verified to go on without the others`,
  );
}

/** A new key for the user, from the first step to the last. */
export function addRotate(contacts: Command, attach: Attach): void {
  const rotate = contacts
    .command('rotate [who...]')
    .description(
      'take a new key: the old one signs it, and these contacts are told; without any, all that are verified. Own devices come along',
    )
    .option('--all', 'tell all contacts')
    .option('--verified', 'tell those who are verified, though others are not and will be contacts no longer')
    .option('--anyway', 'go on though some contacts were not told yet: they are told afterwards')
    .option('--status', 'only say how far it is')
    .option('--cancel', 'forget the new key; whoever was told was told')
    .option('--timeout <seconds>', 'how long to wait until all are told', '30')
    .addOption(dataOption())
    .addOption(jsonOption());
  attach(rotate, async (context, who, options) => {
    if ([options.all === true, options.verified === true, who.length > 0].filter(Boolean).length > 1)
      throw new Failure('usage', 'give --all, --verified, or names');
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
    if (before?.phase !== 'telling') {
      if (options.all !== true && options.verified !== true && who.length === 0) await checkUntold(node);
      await node.contacts.beginRotation(options.all === true ? 'all' : who.length > 0 ? who : 'verified');
    }
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
      'Contacts who were told decide whether they believe it, and compare the safety number anew. The others see a stranger, and are contacts no longer.',
    );
    return EXIT.ok;
  });
}
