import type { Identity } from '../../../identity/identity.ts';
import type { Arrival, Opened, Overlay, Refusal, SealedContent, Sealing } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import { ParleyError } from '../../../util/errors.ts';
import type { JsonObject } from '../../../wire/json.ts';
import { openJwe, readJwe, sealJwe } from '../../../wire/jwe.ts';
import type { Verb } from '../../../wire/verb.ts';
import { HAVE } from '../verbs.ts';
import type { ClosedBook } from './book.ts';
import type { ClosedChannel } from './channel.ts';
import type { Early } from './early.ts';
import type { Rekeying } from './rekeying.ts';
import { mightWrite } from './roles.ts';

export interface ClosedSealingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly rekeying: Rekeying;
  readonly early: Early;
  /** A member holds other entries than we do. */
  readonly differs: (channel: ClosedChannel, nodeId: string) => void;
}

/** Messages of closed channels: sealed with the key of the current epoch, and taken from members alone, whatever key they have. */
export class ClosedSealing implements Sealing {
  readonly #deps: ClosedSealingDeps;

  constructor(deps: ClosedSealingDeps) {
    this.#deps = deps;
    deps.overlay.sealed.keys((kid, { origin, channelId }) => {
      const found = deps.book.epoch(kid);
      if (found) return found.channel.id === channelId ? found.epoch : undefined;
      const channel = channelId === undefined ? undefined : deps.book.get(channelId);
      if (!channel) return undefined;
      // Also of one who has been given it to join, and by nobody else's word is in yet.
      if (channel.memberAt(origin)) return deps.early.epoch(channel, origin, kid).then((epoch) => epoch ?? 'later');
      if (channel.mayBeNew(origin, kid)) deps.early.ask(channel, 'stranger');
      return undefined;
    });
  }

  async seal(channelId: string, content: JsonObject, { msgId }: { readonly msgId: string }): Promise<SealedContent> {
    const { book, rekeying, identity, ports } = this.#deps;
    const channel = book.get(channelId);
    const me = channel?.member(identity.keyId);
    if (!channel || !me?.joined) throw new ParleyError('not-member', 'you are not a member of this channel');
    if (me.role === 'observer') throw new ParleyError('refused', 'observers of a channel read, and do not write');
    await rekeying.clean(channel);
    const { current } = channel;
    if (!current || !book.has(channel) || !channel.member(identity.keyId))
      throw new ParleyError('not-member', 'you are not a member of this channel any more');
    return { compact: await sealJwe(ports, current, { nodeId: identity.nodeId, msgId, channelId }, content) };
  }

  async open(
    channelId: string,
    { origin, msgId, parts }: { readonly origin: string; readonly msgId: string; readonly parts: readonly string[] },
  ): Promise<Opened> {
    const channel = this.#deps.book.get(channelId);
    const jwe = readJwe(parts, { nodeId: origin, msgId, channelId });
    if (!channel || !jwe || jwe.toCertificate) return { verdict: 'drop', reason: 'message-opening' };
    const { early, ports } = this.#deps;
    const fresh = channel.mayBeNew(origin, jwe.kid);
    const refusal = refusalOf(channel, origin);
    if (refusal && !fresh) return refusal;
    const epoch = channel.epoch(jwe.kid) ?? (fresh ? undefined : await early.epoch(channel, origin, jwe.kid));
    if (!epoch && !fresh) return { verdict: 'later', reason: 'message-key' };
    if (!epoch) {
      early.ask(channel, 'stranger');
      return { verdict: 'drop', reason: 'message-author' };
    }
    const content = await openJwe(ports.crypto, jwe, epoch.key);
    if (!content) return { verdict: 'drop', reason: 'message-opening' };
    const known = await early.introduced(channel, () => channel.memberAt(origin)?.joined === true);
    return refusalOf(channel, origin) ?? (known ? { verdict: 'opened', content } : { verdict: 'later', reason: 'message-newcomer' });
  }

  async say<N extends string, D extends object>(
    channelId: string,
    nodeId: string,
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<void> {
    const channel = this.#deps.book.get(channelId);
    const { current } = channel ?? {};
    // While somebody who is gone has the key, what can wait does.
    if (!channel || !current || channel.needsEpoch || !channel.memberAt(nodeId)?.joined) return;
    const said = verb.name === HAVE.name ? { ...data, state: channel.digest } : data;
    await this.#deps.overlay.sealed.send(verb, said, { key: current, channelId, recipients: [nodeId] }, { custody: false });
  }

  async utter<N extends string, D extends object>(
    channelId: string,
    nodeIds: readonly string[],
    verb: Verb<N, D>,
    data: Omit<D, 'node_id' | 'msg_id' | 'recipient_id'>,
  ): Promise<void> {
    const { book, identity, overlay } = this.#deps;
    const channel = book.get(channelId);
    const { current } = channel ?? {};
    // While somebody who is gone has the key, nothing is said of what the user does.
    if (!channel || !current || channel.needsEpoch || !this.mayWrite(channelId, identity.nodeId)) return;
    const recipients = nodeIds.filter((nodeId) => channel.memberAt(nodeId)?.joined);
    await overlay.sealed.utter(verb, data, { key: current, channelId, recipients });
  }

  mayWrite(channelId: string, nodeId: string): boolean {
    const member = this.#deps.book.get(channelId)?.memberAt(nodeId);
    return member?.joined === true && member.role !== 'observer';
  }

  admits(channelId: string, { origin, sealed, data }: Pick<Arrival<unknown>, 'origin' | 'sealed' | 'data'>): boolean {
    const channel = this.#deps.book.get(channelId);
    if (!channel || !sealed || sealed.toCertificate || sealed.channelId !== channelId) return false;
    if (!channel.memberAt(origin)?.joined) {
      if (channel.mayBeNew(origin, sealed.kid)) this.#deps.early.ask(channel, 'holder');
      return false;
    }
    const { state } = data as { readonly state?: string };
    if (state !== undefined && state !== channel.digest) this.#deps.differs(channel, origin);
    return true;
  }

  confides(channelId: string, nodeId: string): boolean {
    return this.#deps.book.get(channelId)?.memberAt(nodeId)?.joined === true;
  }

  mayHaveWritten(channelId: string, nodeId: string, at: number): boolean {
    const channel = this.#deps.book.get(channelId);
    if (!channel) return false;
    for (const key of channel.state.wrote.keys()) if (channel.nodeId(key) === nodeId) return mightWrite(channel.state, key, at);
    return false;
  }

  /** Who may not write now could say something new by dating it back: for that it takes somebody who may. */
  vouches(channelId: string, member: string, author: string): boolean {
    return this.mayWrite(channelId, author) || this.mayWrite(channelId, member);
  }

  historyFor(channelId: string, nodeId: string): { readonly since: number; readonly before: 'none' | 'all' | number } {
    const channel = this.#deps.book.get(channelId);
    const member = channel?.memberAt(nodeId);
    return channel && member ? { since: member.since, before: channel.state.history } : { since: Number.MAX_SAFE_INTEGER, before: 'none' };
  }
}

/** Why what a member writes now, or who was one, is not taken. */
function refusalOf(channel: ClosedChannel, origin: string): Refusal | undefined {
  if (channel.hasLeft(origin)) return { verdict: 'refuse', reason: 'not a member any more' };
  const member = channel.memberAt(origin);
  return member?.joined && member.role === 'observer' ? { verdict: 'refuse', reason: 'observers read only' } : undefined;
}
