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
import type { Rekeying } from './rekeying.ts';
import { mightWrite } from './roles.ts';

export interface ClosedSealingDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly overlay: Overlay;
  readonly book: ClosedBook;
  readonly rekeying: Rekeying;
  /** Somebody has used a key of the channel that is not here. */
  readonly missing: (channel: ClosedChannel, nodeId: string) => void;
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
      if (!channel?.memberAt(origin)?.joined) return undefined;
      deps.missing(channel, origin);
      return 'later';
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
    const epoch = channel.epoch(jwe.kid);
    const fault = faultOf(channel, origin, epoch !== undefined);
    if (fault) return fault;
    if (!epoch) {
      this.#deps.missing(channel, origin);
      return { verdict: 'later', reason: 'message-key' };
    }
    const content = await openJwe(this.#deps.ports.crypto, jwe, epoch.key);
    return content ? { verdict: 'opened', content } : { verdict: 'drop', reason: 'message-opening' };
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

  admits(channelId: string, { origin, sealed, data }: Pick<Arrival<unknown>, 'origin' | 'sealed' | 'data'>): boolean {
    const channel = this.#deps.book.get(channelId);
    if (!channel || !sealed || sealed.toCertificate || sealed.channelId !== channelId || !channel.memberAt(origin)?.joined) return false;
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

  historyFor(channelId: string, nodeId: string): { readonly since: number; readonly before: 'none' | 'all' | number } {
    const channel = this.#deps.book.get(channelId);
    const member = channel?.memberAt(nodeId);
    return channel && member ? { since: member.since, before: channel.state.history } : { since: Number.MAX_SAFE_INTEGER, before: 'none' };
  }
}

/** Why what somebody writes now is not taken. `known`: it is sealed with a key of the channel. */
function faultOf(channel: ClosedChannel, origin: string, known: boolean): Refusal | undefined {
  const member = channel.memberAt(origin);
  if (member?.joined) return member.role === 'observer' ? { verdict: 'refuse', reason: 'observers read only' } : undefined;
  for (const key of channel.state.wrote.keys())
    if (channel.nodeId(key) === origin && !member) return { verdict: 'refuse', reason: 'not a member any more' };
  // A newcomer of whom we have not heard yet holds our key.
  return known ? { verdict: 'later', reason: 'message-newcomer' } : { verdict: 'drop', reason: 'message-author' };
}
