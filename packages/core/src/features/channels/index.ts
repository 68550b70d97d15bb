export { ACT_KINDS, type ActKind, type Standing } from './act.ts';
export { type ChannelConfig, channelDefaults } from './config.ts';
export type { DeliveryState, RecipientState } from './deliveries.ts';
export type { StoredMessage, Way } from './history-rows.ts';
export { MAX_TEXT_BYTES } from './limits.ts';
export type { Attachment, ChannelMessage } from './message.ts';
export { type ChannelEvents, type ChannelInfo, Channels, channelTables, type SendOptions } from './service.ts';
export { CHANNEL, channelVerbs, HAVE, HISTORY, JOIN, LEAVE, MESSAGE, WANT } from './verbs.ts';
