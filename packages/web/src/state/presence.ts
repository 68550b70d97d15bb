import type { ContactView, Person } from '@parley/core';
import { shortTime } from '../ui/time.ts';
import type { Context } from './context.ts';
import type { AppState } from './types.ts';

type Seen = Pick<ContactView, 'present' | 'presence'>;

/** Whether somebody is there, in words; nothing where they do not share it. */
export function presenceWords({ present, presence }: Seen): string {
  if (!presence) return '';
  if (presence.state === 'here') return 'here now';
  const seen = `last here ${shortTime(presence.seen)}`;
  return present ? `away, ${seen}` : seen;
}

/** In reach, and known to have left their device. */
export const isAway = ({ present, presence }: Seen): boolean => present && presence?.state === 'away';

export const samePresence = (a: Seen, b: Seen): boolean =>
  a.present === b.present && a.presence?.state === b.presence?.state && a.presence?.seen === b.presence?.seen;

/** Names that are given of those who write; of more their number. */
const MOST_NAMES = 2;

/** Who is writing, in words: names as they are called, made harmless. */
export function typingWords(names: readonly string[]): string {
  if (names.length === 0) return '';
  if (names.length > MOST_NAMES) return `${names.length} people are typing …`;
  return `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} typing …`;
}

export function withTyping(state: AppState, channelId: string, people: readonly Person[]): AppState {
  const { [channelId]: _, ...others } = state.typing;
  return { ...state, typing: people.length > 0 ? { ...others, [channelId]: people } : others };
}

/** So often at most the node is told; it decides itself what others are told. */
const TYPING_MS = 1000;
const HERE_MS = 60_000;

let writing: { readonly channelId: string; readonly at: number } | undefined;

/** What is written in a conversation is another now. `sent`: it was sent, which says by itself that it is over. */
export function noteTyping({ store, parley }: Context, channelId: string, text: string, sent = false): void {
  const kind = store.get().channels?.find(({ id }) => id === channelId)?.kind ?? 'public';
  if (kind === 'public') return;
  const tell = (typing: boolean): void => {
    // Nobody misses it: the next key tells it again.
    parley.node.typing(channelId, typing).catch(() => {});
  };
  const before = writing?.channelId === channelId ? writing : undefined;
  if (text.trim() === '') {
    if (before) writing = undefined;
    if (before && !sent) tell(false);
    return;
  }
  const now = performance.now();
  if (before && now - before.at < TYPING_MS) return;
  writing = { channelId, at: now };
  tell(true);
}

/** Tells the node now and then that its user does something. Returns a function that ends it. */
export function watchActivity({ parley }: Context): () => void {
  let told = Number.NEGATIVE_INFINITY;
  const active = (): void => {
    if (parley.phase.phase !== 'running' || performance.now() - told < HERE_MS) return;
    told = performance.now();
    // The same holds here.
    parley.node.here().catch(() => {});
  };
  const events = ['pointerdown', 'keydown', 'wheel'] as const;
  for (const name of events) addEventListener(name, active, { capture: true, passive: true });
  return () => {
    for (const name of events) removeEventListener(name, active, { capture: true });
  };
}
