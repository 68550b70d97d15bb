export { CONNECT, connectVerbs } from './verbs.ts';
