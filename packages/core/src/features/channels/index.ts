export { ACT_KINDS, type ActKind, type Standing } from './act.ts';
export type { AttachmentState } from './attachments.ts';
export type { ChannelChange } from './change.ts';
export {
  type ClosedEvents,
  type ClosedMember,
  closedVerbs,
  GETKEY,
  type HistoryPolicy,
  INVITE,
  KEY,
  mayChange,
  type Role,
} from './closed/index.ts';
export { type ChannelConfig, channelDefaults } from './config.ts';
export type { DeliveryState } from './deliveries.ts';
export type { ChannelKind } from './directory.ts';
export type { StoredMessage, Way } from './history-row.ts';
export { deadlineOf, type MessageTimer } from './lifetime.ts';
export { MAX_TEXT_BYTES } from './limits.ts';
export type { Attachment, ChannelMessage } from './message.ts';
export { type ChannelDeps, channelTables } from './parts.ts';
export { furthest, type RecipientState } from './persons.ts';
export type { NewAttachment, NewFile, SendOptions } from './sending.ts';
export { type ChannelEvents, type ChannelInfo, Channels } from './service.ts';
export { CHANNEL, channelVerbs, HAVE, HISTORY, JOIN, LEAVE, MESSAGE, TYPING, WANT } from './verbs.ts';
