export { closedTables } from './book.ts';
export type { HistoryPolicy, Role } from './entry.ts';
export { Closed, type ClosedEvents, type ClosedMember } from './service.ts';
export { closedVerbs, GETKEY, INVITE, KEY } from './verbs.ts';
