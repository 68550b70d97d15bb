export { type ChannelConfig, channelDefaults } from './config.ts';
export type { DeliveryState, RecipientState } from './deliveries.ts';
export type { StoredMessage, Way } from './history.ts';
export type { Attachment, ChannelMessage } from './message.ts';
export { type ChannelEvents, type ChannelInfo, Channels, channelTables, type SendOptions } from './service.ts';
export { CHANNEL, channelVerbs, HAVE, HISTORY, JOIN, LEAVE, MAX_TEXT_BYTES, MESSAGE, WANT } from './verbs.ts';
