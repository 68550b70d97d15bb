import type { Identity } from '../../../identity/identity.ts';
import type { Overlay } from '../../../overlay/index.ts';
import { LEAVE } from '../verbs.ts';
import type { ClosedBook } from './book.ts';
import type { ClosedChannel } from './channel.ts';
import { signRole } from './entry.ts';
import type { OwnPart } from './own-part.ts';

export interface SuccessionDeps {
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly own: OwnPart;
}

/**
 * Puts another key of the user in the place of this one, with the same role, and has it accept at once: it is a member before this one is gone.
 * Done before, it does nothing. On disk when it resolves. Errors: those of the store.
 */
export async function succeed({ identity, overlay, book, own }: SuccessionDeps, channel: ClosedChannel, next: Identity): Promise<void> {
  const me = channel.member(identity.keyId);
  const { current, id: channelId } = channel;
  if (!me?.joined || channel.member(next.keyId)) return;
  const { role } = me;
  const time = own.time(channel);
  const about = { channelId, member: next.keyId, role };
  const entries = [
    await signRole(identity, { ...about, time, successor: true }),
    await signRole(next, { ...about, time: time + 1, sealingKey: next.sealingKey }),
  ];
  const recipients = channel.joined().filter((nodeId) => nodeId !== identity.nodeId);
  channel.merge(await own.read(channelId, entries));
  // Read by those who are members until then: nobody is told anything that this key may not know. In one step with the own disk: done before, it is not told again.
  if (current)
    await overlay.sealed.send(
      LEAVE,
      { channel: channel.state.name, channel_id: channelId, entries },
      { key: current, channelId, recipients },
      { alongside: [book.write(channel)] },
    );
  else await book.save(channel);
  await own.converse(channel);
}
