export type { KnownNode, Parley, ParleyOptions, Phase, ServerView, TabEvent, TabNode, TabStatus } from './parley.ts';
