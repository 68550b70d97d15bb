export { type ConnectConfig, connectDefaults } from './config.ts';
export { Connect } from './service.ts';
export { CONNECT, connectVerbs } from './verbs.ts';
