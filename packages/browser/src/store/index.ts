export { deleteIdbStore, openIdbStore } from './open.ts';
