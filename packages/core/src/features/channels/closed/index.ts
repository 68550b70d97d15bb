export { closedTables } from './book.ts';
export type { HistoryPolicy, Role } from './entry.ts';
export type { ClosedMember } from './members.ts';
export type { ClosedEvents } from './own-part.ts';
export { mayChange } from './roles.ts';
export { Closed } from './service.ts';
export { closedVerbs, GETKEY, INVITE, KEY } from './verbs.ts';
