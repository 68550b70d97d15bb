export { type ChangePiece, changeWords, ROLE_WORDS } from './change-words.ts';
export type { ClosedService, ClosedSettings } from './closed.ts';
export type { ContactService } from './contacts.ts';
export { DeviceCodeView, type DeviceService, DevicesView, type DeviceView, PairingView } from './devices.ts';
export { EventHub } from './events.ts';
export { type ExportFormat, exported, inTime, wholeHistory } from './export.ts';
export * from './file-types.ts';
export type { AttachmentContent, AttachmentStream, FileService } from './files.ts';
export { forwarded, forwardedParts } from './forward.ts';
export { membersTogether, personOfNode, recipientsTogether, type Together, together } from './persons.ts';
export type { RotationService } from './rotation.ts';
export {
  type ApiService,
  DEFAULT_LIMIT,
  type NewAct,
  type NewMessageOptions,
  NodeService,
  type Page,
  type SearchScope,
  type Surroundings,
} from './service.ts';
export type { SettingsService } from './settings.ts';
export { TimerView } from './timer.ts';
export * from './types.ts';
export * from './types-rotation.ts';
export * from './types-settings.ts';
export { Views } from './views.ts';
