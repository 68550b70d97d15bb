import { errorCode, type MessageView } from '@parley/core';
import { attempt, type Context, report, wordsOf } from './context.ts';
import { forgetOldTimelines, settle, withPeople, withTimeline } from './events.ts';
import { addPage, EMPTY_TIMELINE, firstUnread, isEarlier, MAX_PAGE, merge, PAGE, reachesEnd } from './timeline.ts';
import type { Outgoing, Timeline } from './types.ts';

function change(context: Context, channelId: string, how: (timeline: Timeline) => Timeline): void {
  context.store.update((state) => {
    const timeline = state.timelines[channelId];
    const changed = timeline && how(timeline);
    return changed && changed !== timeline ? withTimeline(state, channelId, changed) : state;
  });
}

/** Loads the latest messages of a channel and its members, with the mark where the unread ones begin. */
export async function openConversation(context: Context, channelId: string): Promise<void> {
  const { store, parley } = context;
  const known = store.get().timelines[channelId];
  if (known?.loading === 'all') return;
  if (!known) store.update((state) => forgetOldTimelines(withTimeline(state, channelId, { ...EMPTY_TIMELINE, loading: 'all' }), channelId));
  const unread = store.get().channels?.find(({ id }) => id === channelId)?.unread ?? 0;
  const limit = Math.min(MAX_PAGE, Math.max(PAGE, unread + 20));
  await attempt(context, async () => {
    const [page] = await Promise.all([parley.node.messages(channelId, { limit }), loadChanges(context, channelId)]);
    const unreadFrom = firstUnread(page, unread);
    store.update((state) => {
      // What came while the page was read is newer than it.
      const since = state.timelines[channelId]?.messages.filter(({ cursor }) => isEarlier(page.at(-1)?.cursor ?? '', cursor)) ?? [];
      const timeline: Timeline = {
        messages: merge(page, since),
        atStart: page.length < limit,
        atEnd: true,
        late: new Set(),
        ...(unreadFrom !== undefined && { unreadFrom, unreadCount: unread }),
      };
      return withTimeline(state, channelId, timeline);
    });
    await loadMembers(context, channelId);
  });
  change(context, channelId, ({ loading: _, ...timeline }) => timeline);
}

/** What is open is let go of: its mark of unread messages is done with. */
export function closeConversation(context: Context, channelId: string): void {
  change(context, channelId, (timeline) => {
    if (timeline.unreadFrom === undefined) return timeline;
    const { unreadFrom: _, unreadCount: __, ...rest } = timeline;
    return rest;
  });
}

export async function loadMembers({ store, parley }: Context, channelId: string): Promise<void> {
  const members = await parley.node.members(channelId);
  store.update((state) => ({
    ...withPeople(state, members),
    members: { ...state.members, [channelId]: members.filter(({ invited }) => !invited).map(({ node_id }) => node_id) },
  }));
}

/** What was changed about a conversation that is loaded. In public channels nothing is. What goes wrong is told, and keeps no message from being shown. */
export async function loadChanges(context: Context, channelId: string): Promise<void> {
  const { store, parley } = context;
  const { channels, timelines } = store.get();
  const kind = channels?.find(({ id }) => id === channelId)?.kind ?? 'public';
  if (kind === 'public' || !timelines[channelId]) return;
  try {
    const changes = await parley.node.changes(channelId);
    store.update((state) => (state.timelines[channelId] ? { ...state, changes: { ...state.changes, [channelId]: changes } } : state));
  } catch (error) {
    // It may have been forgotten meanwhile.
    if (errorCode(error) !== 'not-found') report(context, error);
  }
}

export async function loadMore(context: Context, channelId: string, direction: 'older' | 'newer'): Promise<void> {
  const timeline = context.store.get().timelines[channelId];
  if (!timeline || timeline.loading || (direction === 'older' ? timeline.atStart : timeline.atEnd)) return;
  const edge = direction === 'older' ? timeline.messages[0] : timeline.messages.at(-1);
  if (!edge) return;
  change(context, channelId, (now) => ({ ...now, loading: direction }));
  const page = await attempt(context, () =>
    context.parley.node.messages(channelId, { limit: PAGE, ...(direction === 'older' ? { before: edge.cursor } : { after: edge.cursor }) }),
  );
  change(context, channelId, (now) => {
    // The user has jumped elsewhere since: this page would leave a hole.
    if (now.loading !== direction) return now;
    const { loading: _, ...rest } = now;
    return page ? addPage(rest, page, direction, PAGE) : rest;
  });
}

/** Loads what stands around a message. Resolves with whether it is there. */
export async function loadAround(context: Context, channelId: string, target: MessageView): Promise<boolean> {
  const loaded = context.store.get().timelines[channelId];
  if (loaded?.messages.some(({ cursor }) => cursor === target.cursor)) return true;
  const { node } = context.parley;
  const { cursor } = target;
  const pages = await attempt(context, () =>
    Promise.all([node.messages(channelId, { before: cursor, limit: PAGE }), node.messages(channelId, { after: cursor, limit: PAGE })]),
  );
  if (!pages) return false;
  const [older, newer] = pages;
  context.store.update((state) => {
    const timeline: Timeline = {
      messages: [...older, target, ...newer],
      atStart: older.length < PAGE,
      atEnd: newer.length < PAGE,
      late: new Set(),
    };
    return forgetOldTimelines(withTimeline(state, channelId, timeline), channelId);
  });
  return true;
}

/** Goes back to the newest messages, from somewhere in the past. */
export async function loadLatest(context: Context, channelId: string): Promise<void> {
  const known = context.store.get().timelines[channelId];
  if (known?.atEnd || known?.loading === 'all') return;
  const page = await attempt(context, () => context.parley.node.messages(channelId, { limit: PAGE }));
  if (!page) return;
  // Meanwhile it may have come there in another way.
  change(context, channelId, (now) => (now.atEnd ? now : { messages: page, atStart: page.length < PAGE, atEnd: true, late: new Set() }));
}

/** The message that a reply answers: among those that are loaded, or wherever the node keeps it. */
export async function findMessage(context: Context, channelId: string, msgId: string): Promise<MessageView | undefined> {
  const loaded = context.store.get().timelines[channelId]?.messages.find(({ msg_id }) => msg_id === msgId);
  return loaded ?? context.parley.node.message(channelId, msgId);
}

const marked = new Map<string, string>();

/** What the user has seen, up to and with this cursor. */
export async function markRead(context: Context, channelId: string, cursor: string): Promise<void> {
  if (!isEarlier(marked.get(channelId) ?? '', cursor)) return;
  marked.set(channelId, cursor);
  try {
    await context.parley.node.markRead(channelId, cursor);
  } catch (error) {
    marked.delete(channelId);
    // Counts that are too high do no harm; a full store is told of.
    if (errorCode(error) === 'storage-full') report(context, error);
  }
}

/** Handed to the node and not answered yet, by id: seldom for long enough to be worth showing. */
const handed = new Map<string, { readonly channelId: string; readonly outgoing: Outgoing }>();

/** Everything that this page has ever had to hand over, by id: what other windows of the browser have is theirs. */
const held = new Set<string>();

/** Whether a page that ends now loses what is attached to a message that its node does not have yet. */
export const wouldLose = (): boolean => [...handed.values()].some(({ outgoing }) => outgoing.attachments !== undefined);

/** What a reload has to find again. */
function keepOutbox({ store, keep }: Context): void {
  // Bytes have no place among these few words: whoever leaves the page before its node has them is asked, and what is attached waits in the composer.
  const small = (list: readonly Outgoing[]): Outgoing[] => list.filter(({ attachments }) => attachments === undefined);
  const all = Object.fromEntries(Object.entries(store.get().outbox).map(([id, list]) => [id, small(list)]));
  for (const { channelId, outgoing } of handed.values()) {
    const list = all[channelId] ?? [];
    if (outgoing.attachments) continue;
    if (!list.some(({ msgId }) => msgId === outgoing.msgId)) all[channelId] = [...list, outgoing];
  }
  for (const { msgId } of Object.values(all).flat()) held.add(msgId);
  keep.setOutbox(all, held);
}

function setOutbox(context: Context, channelId: string, how: (list: readonly Outgoing[]) => readonly Outgoing[]): void {
  for (const { msgId } of context.store.get().outbox[channelId] ?? []) held.add(msgId);
  context.store.update((state) => ({ ...state, outbox: { ...state.outbox, [channelId]: how(state.outbox[channelId] ?? []) } }));
  keepOutbox(context);
}

/** A message that is on disk sooner than this is shown from there alone. */
const SHOW_OUTGOING_MS = 100;

/** What a message says beside its text. */
export type About = Pick<Outgoing, 'replyTo' | 'attachments' | 'drafts'>;

/** Sends: kept in this browser until the node has it on disk, and shown at once. */
export async function send(context: Context, channelId: string, text: string, about: About = {}): Promise<void> {
  const { replyTo, attachments = [], drafts } = about;
  const outgoing: Outgoing = {
    msgId: crypto.randomUUID(),
    text,
    at: Date.now(),
    ...(replyTo !== undefined && { replyTo }),
    ...(attachments.length > 0 && { attachments }),
    ...(drafts && { drafts }),
  };
  handed.set(outgoing.msgId, { channelId, outgoing });
  keepOutbox(context);
  // Before anything is drawn, the node works while the page does; and before anything is waited for, so that it gets them as they were written.
  const transmitted = transmit(context, channelId, outgoing);
  const latest = loadLatest(context, channelId);
  closeConversation(context, channelId);
  const timer = setTimeout(() => {
    setOutbox(context, channelId, (list) => (list.some(({ msgId }) => msgId === outgoing.msgId) ? list : [...list, outgoing]));
  }, SHOW_OUTGOING_MS);
  const message = await transmitted;
  clearTimeout(timer);
  await latest;
  if (message) show(context, message);
}

/** A message of ours that is kept, in the timeline that reaches so far. */
function show(context: Context, message: MessageView): void {
  change(context, message.channel_id, (timeline) => {
    if (!reachesEnd(timeline) || timeline.messages.some(({ cursor }) => cursor === message.cursor)) return timeline;
    return { ...timeline, messages: merge(timeline.messages, [message]) };
  });
}

/** Hands a message to the node, again if need be: its id makes that harmless. Resolves with what is kept, or undefined where the user is told why not. */
async function transmit(context: Context, channelId: string, outgoing: Outgoing): Promise<MessageView | undefined> {
  const { store, parley } = context;
  const { msgId, text, replyTo, attachments } = outgoing;
  held.add(msgId);
  try {
    const message = await parley.node.send(channelId, text, {
      msgId,
      ...(replyTo !== undefined && { replyTo }),
      ...(attachments && { attachments }),
    });
    handed.delete(msgId);
    if (outgoing.drafts) void attempt(context, () => parley.node.sentDrafts(outgoing.drafts ?? []));
    show(context, message);
    store.update((state) => settle(state.storageFull ? { ...state, storageFull: false } : state, channelId, msgId));
    keepOutbox(context);
    return message;
  } catch (error) {
    const code = errorCode(error);
    // A page that closes: the next one sends it.
    if (code === 'aborted' || code === 'closed') return undefined;
    handed.delete(msgId);
    if (code === 'storage-full') store.update((state) => ({ ...state, storageFull: true }));
    const failed: Outgoing = { ...outgoing, failed: { code, message: wordsOf(error) } };
    setOutbox(context, channelId, (list) => [...list.filter((known) => known.msgId !== msgId), failed]);
    return undefined;
  }
}

export async function sendAgain(context: Context, channelId: string, { failed: _, ...outgoing }: Outgoing): Promise<void> {
  setOutbox(context, channelId, (list) => list.map((known) => (known.msgId === outgoing.msgId ? outgoing : known)));
  await transmit(context, channelId, outgoing);
}

export function discard(context: Context, channelId: string, { msgId, drafts = [] }: Outgoing): void {
  for (const id of drafts) void attempt(context, () => context.parley.node.discardDraft(id));
  setOutbox(context, channelId, (list) => list.filter((known) => known.msgId !== msgId));
}

/** What an earlier page could not hand over. */
export async function sendKept(context: Context): Promise<void> {
  for (const [channelId, list] of Object.entries(context.store.get().outbox)) {
    for (const outgoing of list) if (!outgoing.failed) await transmit(context, channelId, outgoing);
  }
}
