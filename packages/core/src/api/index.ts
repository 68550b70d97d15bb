export type { ClosedService, ClosedSettings } from './closed.ts';
export type { ContactService } from './contacts.ts';
export { EventHub } from './events.ts';
export {
  type ApiService,
  type AttachmentContent,
  DEFAULT_LIMIT,
  type NewAct,
  type NewMessageOptions,
  NodeService,
  type Page,
  type SearchScope,
  type Surroundings,
} from './service.ts';
export * from './types.ts';
export { Views } from './views.ts';
