export { type DirectConfig, directDefaults } from './config.ts';
export { loadGroups } from './load.ts';
export { DirectMessages, directTables } from './service.ts';
export { directVerbs, SESSION } from './verbs.ts';
