import { ArrowDown } from 'lucide-react';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Virtualizer, type VirtualizerHandle } from 'virtua';
import { useApp, useSelect } from '../app/hooks.ts';
import { Name } from '../people/Name.tsx';
import { JUMP, type Jump, openPanel, replyTo } from '../state/actions.ts';
import { startEditing } from '../state/acts.ts';
import { loadLatest, loadMore, markRead } from '../state/conversation.ts';
import { mayActOn, mayEdit } from '../state/rights.ts';
import { Lines, type Row } from '../state/rows.ts';
import type { Outgoing, Timeline } from '../state/types.ts';
import { plural } from '../state/words.ts';
import { dayWords } from '../ui/time.ts';
import { ChangeLine } from './ChangeLine.tsx';
import { ConversationStart } from './ConversationStart.tsx';
import { MessageRow, OutgoingRow } from './MessageRow.tsx';

/** Closer to an end than this, more is loaded. */
const LOAD_PX = 1200;
/** Closer to the end than this, new messages keep the list there. */
const STICK_PX = 48;
/** What a hand does before a list scrolls. */
const HANDS = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const;
const NOTHING: readonly Outgoing[] = [];

interface MessageListProps {
  readonly channelId: string;
  readonly channelName: string;
  readonly timeline: Timeline;
}

/** A conversation. Only what can be seen is in the document, however long it is. */
export function MessageList({ channelId, channelName, timeline }: MessageListProps): ReactNode {
  const context = useApp();
  const outbox = useSelect((state) => state.outbox[channelId] ?? NOTHING);
  const [lines] = useState(() => new Lines());
  const changes = useSelect((state) => state.changes[channelId]);
  const rows = useMemo(() => lines.of(timeline, outbox, changes), [lines, timeline, outbox, changes]);
  const shift = usePrepended(rows);
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLElement>(null);
  const stuck = useRef(true);
  const byHand = useRef(false);
  const opened = useRef(false);
  const [atEnd, setAtEnd] = useState(true);
  const [target, setTarget] = useState<string>();
  const [current, setCurrent] = useState<string>();
  const currentIndex = current === undefined ? -1 : rows.findIndex(({ kind, key }) => kind === 'message' && key === current);

  const seen = useCallback(() => {
    const handle = list.current;
    if (!handle || document.visibilityState !== 'visible' || !document.hasFocus()) return;
    const last = handle.findItemIndex(handle.scrollOffset + handle.viewportSize - 1);
    const row = rows.findLast(({ kind }, index) => index <= last && kind === 'message');
    if (row?.kind === 'message') void markRead(context, channelId, row.message.cursor);
  }, [context, channelId, rows]);

  const onScroll = useCallback(
    (offset: number) => {
      const handle = list.current;
      if (!handle) return;
      const below = handle.scrollSize - handle.viewportSize - offset;
      // Rows that turn out higher than was guessed leave a distance too: only a hand that scrolls lets go of the end.
      if (below < STICK_PX) {
        stuck.current = timeline.atEnd;
        byHand.current = false;
      } else if (byHand.current) stuck.current = false;
      setAtEnd(below < STICK_PX * 4 && timeline.atEnd);
      if (offset < LOAD_PX) void loadMore(context, channelId, 'older');
      if (below < LOAD_PX) void loadMore(context, channelId, 'newer');
    },
    [context, channelId, timeline.atEnd],
  );

  const toEnd = useCallback(() => {
    if (scroller.current) scroller.current.scrollTop = scroller.current.scrollHeight;
  }, []);
  const keepEnd = useCallback(() => {
    if (stuck.current && opened.current) toEnd();
  }, [toEnd]);

  // Where to begin: at what is new, or at the end.
  useLayoutEffect(() => {
    if (opened.current || rows.length === 0 || timeline.loading === 'all') return;
    opened.current = true;
    const unread = rows.findIndex(({ kind }) => kind === 'unread');
    if (unread > 0) {
      stuck.current = false;
      list.current?.scrollToIndex(unread, { align: 'start', offset: -48 });
    } else toEnd();
  }, [rows, timeline.loading, toEnd]);

  useEffect(() => {
    seen();
    addEventListener('focus', seen);
    document.addEventListener('visibilitychange', seen);
    return () => {
      removeEventListener('focus', seen);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [seen]);

  // A composer that grows, or a keyboard that comes up, takes room from below; rows that are measured change the height of the list.
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(keepEnd);
    observer.observe(element);
    if (element.lastElementChild) observer.observe(element.lastElementChild);
    const hand = (): void => {
      byHand.current = true;
    };
    for (const name of HANDS) element.addEventListener(name, hand, { passive: true });
    return () => {
      observer.disconnect();
      for (const name of HANDS) element.removeEventListener(name, hand);
    };
  }, [keepEnd]);

  // A short conversation that leaves room loads what is older without being scrolled.
  useEffect(() => {
    const handle = list.current;
    if (handle && handle.scrollSize <= handle.viewportSize) void loadMore(context, channelId, 'older');
  });

  useEffect(() => {
    const onJump = (event: Event): void => {
      const { detail } = event as Jump;
      if (detail.channelId !== channelId) return;
      const index = rows.findIndex(({ key }) => key === detail.cursor);
      if (index === -1) return;
      stuck.current = false;
      setTarget(detail.cursor);
      list.current?.scrollToIndex(index, { align: 'center' });
    };
    addEventListener(JUMP, onJump);
    return () => removeEventListener(JUMP, onJump);
  }, [channelId, rows]);

  const jumpToLatest = async (): Promise<void> => {
    stuck.current = true;
    await loadLatest(context, channelId);
    setAtEnd(true);
    toEnd();
  };

  /** Whether the keyboard is at this message now. */
  const focus = (key: string): boolean => {
    const message = scroller.current?.querySelector<HTMLElement>(`[data-cursor="${CSS.escape(key)}"]`);
    message?.focus();
    return message === document.activeElement;
  };

  const move = (step: -1 | 1): void => {
    const from = currentIndex === -1 ? rows.length : currentIndex;
    // From the list itself back to the message where the keyboard was, which may be the first: one step further would lead nowhere.
    const onList = document.activeElement === scroller.current && currentIndex !== -1;
    for (let index = onList ? from : from + step; index >= 0 && index < rows.length; index += step) {
      const row = rows[index];
      if (row?.kind !== 'message') continue;
      const before = document.activeElement;
      // At once: the next key may come before the next frame, and lead elsewhere. Only what was never drawn has to be measured first.
      flushSync(() => setCurrent(row.key));
      list.current?.scrollToIndex(index, { align: 'nearest' });
      if (!focus(row.key)) requestAnimationFrame(() => document.activeElement === before && focus(row.key));
      return;
    }
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const { target: on } = event;
    const isMessage = on instanceof HTMLElement && (on === scroller.current || on.dataset.cursor !== undefined);
    if (!isMessage) return;
    const row = rows[currentIndex];
    const channel = context.store.get().channels?.find(({ id }) => id === channelId);
    if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'End') void jumpToLatest();
    else if (event.key.toLowerCase() === 'r' && row?.kind === 'message' && mayActOn(channel, row.message))
      replyTo(context, channelId, row.message);
    else if (event.key.toLowerCase() === 'e' && row?.kind === 'message' && mayEdit(channel, row.message))
      startEditing(context, channelId, row.message);
    else if (event.key.toLowerCase() === 'd' && row?.kind === 'message') openPanel(context, { kind: 'message', cursor: row.key });
    else return;
    event.preventDefault();
  };

  return (
    <div className="messages-frame">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section ref={scroller} className="messages" aria-label={`Messages in ${channelName}`} tabIndex={0} onKeyDown={onKeyDown}>
        <div className="messages-space" />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          as="ol"
          item="li"
          data={rows}
          shift={shift}
          bufferSize={600}
          onScroll={onScroll}
          onScrollEnd={seen}
          keepMounted={currentIndex === -1 ? [] : [currentIndex]}
        >
          {(row) => <RowView key={row.key} row={row} channelId={channelId} target={target} current={current} />}
        </Virtualizer>
      </section>
      {!atEnd && (
        <button type="button" className="to-latest" onClick={() => void jumpToLatest()}>
          <ArrowDown aria-hidden="true" /> Latest messages
        </button>
      )}
    </div>
  );
}

/** Whether these rows are those of before with more in front: the list then keeps its place from the end. */
function usePrepended(rows: readonly Row[]): boolean {
  const previous = useRef<{ rows: readonly Row[]; shift: boolean }>({ rows: [], shift: false });
  if (previous.current.rows !== rows) {
    const { rows: before } = previous.current;
    const firstBefore = before.find(({ kind }) => kind === 'message')?.key;
    const first = rows.find(({ kind }) => kind === 'message')?.key;
    const shift = before.length > 0 && before.at(-1)?.key === rows.at(-1)?.key && firstBefore !== first;
    previous.current = { rows, shift };
  }
  return previous.current.shift;
}

interface RowViewProps {
  readonly row: Row;
  readonly channelId: string;
  readonly target: string | undefined;
  readonly current: string | undefined;
}

function RowView({ row, channelId, target, current }: RowViewProps): ReactNode {
  switch (row.kind) {
    case 'message':
      return <MessageRow row={row} target={row.key === target} current={row.key === current} />;
    case 'outgoing':
      return <OutgoingRow row={row} channelId={channelId} />;
    case 'day':
      return (
        <h2 className="day">
          <span>{dayWords(row.day)}</span>
        </h2>
      );
    case 'unread':
      return (
        <div className="unread-line">
          <span>{plural(row.count, 'new message')}</span>
        </div>
      );
    case 'change':
      return <ChangeLine change={row.change} />;
    case 'gap':
      return (
        <div className="gap">
          {row.count === 1 ? 'A message of ' : `${row.count.toLocaleString()} messages of `}
          <Name person={row.sender} /> {row.count === 1 ? 'is' : 'are'} missing here
        </div>
      );
    case 'start':
      return <ConversationStart channelId={channelId} />;
  }
}
