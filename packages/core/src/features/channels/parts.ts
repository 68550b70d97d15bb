import type { Identity } from '../../identity/identity.ts';
import type { KeyBook } from '../../identity/ids.ts';
import type { Overlay } from '../../overlay/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { TableSpec } from '../../ports/store.ts';
import type { Metrics } from '../../util/metrics.ts';
import type { SealingTarget } from '../../wire/jwe.ts';
import { JwsReader } from '../../wire/jws.ts';
import { Acts, actTables } from './acts.ts';
import { Archive } from './archive.ts';
import { Attached } from './attached.ts';
import { Attachments, attachmentTables } from './attachments.ts';
import { CatchUp } from './catch-up.ts';
import type { Ending } from './change.ts';
import { membershipTables } from './channel-store.ts';
import { Closed, closedTables } from './closed/index.ts';
import type { ChannelConfig } from './config.ts';
import { Deliveries, type DeliveryState, deliveryTables } from './deliveries.ts';
import type { Channel } from './directory.ts';
import { Expiry } from './expiry.ts';
import { History, historyTables } from './history.ts';
import type { StoredMessage } from './history-row.ts';
import { Intake } from './intake.ts';
import { Lineage, lineageTables } from './lineage.ts';
import { type Conversation, Membership } from './membership.ts';
import { Moving } from './moving.ts';
import { Outgoing, tellRead } from './outgoing.ts';
import { ownNumberTables } from './own-numbers.ts';
import { ReadMarks, readMarkTables } from './read-marks.ts';
import { Rewritten } from './rewritten.ts';
import { SealedMessages } from './sealed-messages.ts';
import { Sending } from './sending.ts';
import { Timers } from './timers.ts';
import { Typing } from './typing.ts';
import { Unread, unreadTables } from './unread.ts';
import { MAX_MEMBERS } from './verbs.ts';
import { Waiting, waitingTables } from './waiting.ts';

export interface ChannelDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly overlay: Overlay;
  readonly metrics: Metrics;
  /** Whom to seal to, by node id. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** Whether a node is, or was, one of this user's devices: this one among them. */
  readonly isOwn: (nodeId: string) => boolean;
  /** Whose device a node is, by the node id of the person. */
  readonly personOf: (nodeId: string) => string;
  /** The same, but that a revoked device stands for nobody but itself. */
  readonly personNow: (nodeId: string) => string;
  /** Whether a node is the author of something, or a device of the same person now. */
  readonly speaksFor: (nodeId: string, author: string) => boolean;
  /** Whom this node stands for: key id. */
  readonly person: () => string;
  /** What the user tells others of what they do. */
  readonly shares: () => { readonly readMarks: boolean; readonly typing: boolean };
  /** Whether the user wants to have nothing to do with a node. */
  readonly blocked: (nodeId: string) => boolean;
  /** Whether a node is a contact's. */
  readonly isContact: (nodeId: string) => boolean;
}

/** What the parts need of the whole. */
export interface PartsHooks {
  readonly converse: (about: Conversation) => Promise<unknown>;
  readonly endConversation: (channelId: string, how?: Ending) => Promise<void>;
  /** What is attached to messages of a channel has come. */
  readonly attached: (channelId: string, sha256: string) => void;
  /** The time of messages of a channel is over, and they are gone. */
  readonly gone: (channelId: string, messages: readonly StoredMessage[]) => void;
  readonly news: (msgId: string, delivery: DeliveryState) => void;
}

export const channelTables: readonly TableSpec[] = [
  ...unreadTables,
  ...waitingTables,
  ...deliveryTables,
  ...actTables,
  ...historyTables,
  ...attachmentTables,
  ...readMarkTables,
  ...membershipTables,
  ...closedTables,
  ...lineageTables,
  ...ownNumberTables,
];

export type Parts = ReturnType<typeof assembleParts>;

/** Everything that channels are made of, each with what it needs of the others. */
export function assembleParts(deps: ChannelDeps, config: ChannelConfig, hooks: PartsHooks) {
  const { ports, identity, overlay, metrics, keys, target, isOwn, personOf, speaksFor, person } = deps;
  const self = identity.nodeId;
  const reader = new JwsReader(ports.crypto, keys);
  const history = new History(ports.store, self);
  const concerns = (channel: Channel, sender: string): boolean =>
    channel.kind !== 'public' &&
    !deps.blocked(sender) &&
    membership.directory.members(channel).length <= config.receiptsUpTo &&
    sealed.of(channel)?.confides(channel.id, sender) === true;
  const readMarks = new ReadMarks({
    ports,
    self,
    overlay,
    history,
    wanted: () => deps.shares().readMarks,
    concerns,
    concernsAny: (sender) => membership.directory.joined().some((channel) => concerns(channel, sender)),
  });
  const unread = new Unread(ports.store, async (channelId, cursors) => {
    const channel = membership.directory.get(channelId);
    return channel?.joined ? readMarks.seen(channel, cursors) : { writes: [], done: () => {} };
  });
  const deliveries = new Deliveries({
    ports,
    owners: { isOwn, personNow: deps.personNow },
    marks: () => deps.shares().readMarks,
    underWay: (msgId) => {
      const pending = overlay.pending(msgId);
      const channel = pending?.group === undefined ? undefined : membership.directory.get(pending.group);
      return pending && { ...pending, marks: tellRead(channel, pending.receipts) };
    },
    news: hooks.news,
  });
  const attachments = new Attachments({ store: ports.store, crypto: ports.crypto, metrics, completed: hooks.attached });
  const membership = new Membership({ ports, identity, overlay }, config);
  const conversing = () => {
    const joined = membership.directory.joined().filter(({ kind }) => kind === 'closed');
    return joined.map((channel) => ({ id: channel.id, name: channel.name, members: membership.directory.members(channel) }));
  };
  const closed = new Closed(
    {
      ports,
      identity,
      keys,
      reader,
      overlay,
      target,
      person,
      isOwn,
      room: () => membership.checkRoom(),
      isKnown: (nodeId) => isOwn(nodeId) || deps.isContact(nodeId) || membership.directory.share(nodeId, self, 'closed'),
      blocked: deps.blocked,
      conversing,
      converse: hooks.converse,
      endConversation: hooks.endConversation,
      meet: (channelId) => catchUp.ask(channelId),
    },
    config,
  );
  const acts = new Acts({
    store: ports.store,
    history,
    attachments,
    self: identity,
    speaksFor,
    creatorOf: (channelId) => membership.directory.get(channelId)?.creator,
    moderates: (channelId, keyId, at) => closed.moderates(channelId, keyId, at),
  });
  const intake = new Intake({ ports, self, isOwn, reader, metrics, membership, history, unread, attachments }, config);
  const expiry = new Expiry({
    ports,
    self,
    overlay,
    metrics,
    history,
    acts,
    attachments,
    unread,
    holdings: intake.holdings,
    gone: hooks.gone,
  });
  const lineage = new Lineage(ports.store);
  const timers = new Timers({ store: ports.store, closed, line: (id) => lineage.line(id) });
  const archive = new Archive({ membership, history, acts, intake, lineage, timers, closed });
  const sealed = new SealedMessages(reader, intake);
  const catchUp = new CatchUp({ ports, self, overlay, metrics, membership, history, intake, sealed, attachments }, config);
  const recipients = (channel: Channel): string[] =>
    membership.directory
      .recipients(channel, (nodeId) => overlay.reaches(nodeId))
      .filter((nodeId) => nodeId !== self)
      .slice(0, MAX_MEMBERS);
  const outgoing = new Outgoing({ overlay, sealed, deliveries, recipients }, config);
  const { directory } = membership;
  const waiting = new Waiting({ ports, self, overlay, metrics, directory, history, attachments, deliveries, outgoing }, config);
  const sending = new Sending({ ports, identity, metrics, history, intake, catchUp, sealed, outgoing, waiting });
  const moving = new Moving({ ports, overlay, deliveries, history, acts, attachments, waiting, sending, gone: hooks.gone });
  const rewritten = new Rewritten({ ports, self, history, acts, attachments, lineage, gone: hooks.gone });
  const attached = new Attached({
    attachments,
    catchUp,
    present: (channelId) => {
      const channel = membership.directory.get(channelId);
      const members = channel ? membership.directory.members(channel) : [];
      return members.filter((nodeId) => nodeId !== self && overlay.reaches(nodeId));
    },
  });
  sealed.use('closed', closed.sealing);
  const { blocked } = deps;
  const wanted = (): boolean => deps.shares().typing;
  const typing = new Typing({ ports, self, overlay, membership, intake, sealed, wanted, blocked, personOf, isOwn }, config.receiptsUpTo);
  return {
    unread,
    waiting,
    readMarks,
    expiry,
    timers,
    deliveries,
    attachments,
    membership,
    closed,
    acts,
    intake,
    lineage,
    archive,
    sealed,
    catchUp,
    sending,
    moving,
    rewritten,
    attached,
    typing,
  };
}
