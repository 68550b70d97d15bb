export { GETKEY, KEY, keyVerbs } from './verbs.ts';
