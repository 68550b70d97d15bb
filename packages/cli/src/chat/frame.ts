import { titleOf } from '../channel-of.ts';
import { safeText } from '../text/safe-text.ts';
import { type Geometry, geometry, lookOf, MARGIN, shownTimeline } from './geometry.ts';
import { inputRows, PROMPT } from './input-rows.ts';
import { whyNotWrite } from './may-write.ts';
import { panelRows } from './panel-rows.ts';
import { clipped, type Row, type Span } from './rows.ts';
import { sideRows } from './side-rows.ts';
import { activeChannel, type ChannelState, type ChatState, draftOf, type PanelLine } from './state.ts';
import { headerRow, statusRow } from './status-row.ts';
import { view } from './viewport.ts';

/** Everything on the screen, as rows of each of its parts. */
export interface Frame {
  readonly geometry: Geometry;
  readonly side: readonly Row[];
  readonly header: Row;
  readonly pane: readonly Row[];
  /** Whether the pane is filled from below, as messages are. */
  readonly fromBelow: boolean;
  readonly status: Row;
  readonly input: readonly Row[];
  /** Cells from the top left corner. */
  readonly cursor: { readonly row: number; readonly column: number };
}

interface Pane {
  readonly rows: readonly Row[];
  readonly fromBelow: boolean;
  readonly below: number;
}

const words = (width: number, ...lines: PanelLine[]): Row[] => panelRows({ title: '', lines, top: 0 }, width);

function paneOf(state: ChatState, { paneWidth, paneHeight }: Geometry): Pane {
  const top = (rows: readonly Row[], from = 0): Pane => ({
    rows: rows.slice(from, from + paneHeight),
    fromBelow: false,
    below: Math.max(0, rows.length - from - paneHeight),
  });
  if (state.panel) {
    const rows = panelRows(state.panel, paneWidth);
    return top(rows, Math.min(state.panel.top, Math.max(0, rows.length - paneHeight)));
  }
  const channel = activeChannel(state);
  if (!channel) {
    if (state.connection.kind !== 'online') return top([]);
    return top(
      words(
        paneWidth,
        { text: '' },
        { text: 'You are not in any channel yet.', tone: 'strong' },
        { text: '' },
        { text: '/channels     shows those that are known here', hang: 14 },
        { text: '/join NAME    joins one', hang: 14 },
        { text: '/create NAME  makes one that anybody may join', hang: 14 },
      ),
    );
  }
  const timeline = shownTimeline(state, channel);
  const shown = view(timeline, channel.anchor, paneHeight, lookOf(state, channel));
  if (shown.rows.length === 0) {
    const text = channel.history === 'complete' ? 'Nothing has been said here yet.' : 'Reading …';
    return { rows: words(paneWidth, { text, tone: 'faint' }), fromBelow: true, below: 0 };
  }
  if (shown.atTop && channel.history === 'complete' && shown.rows.length < paneHeight) {
    const begin: PanelLine = { text: `This is where ${titleOf(channel.view)} begins for you.`, tone: 'faint' };
    const rows = [...words(paneWidth, begin), ...shown.rows].slice(-paneHeight);
    return { rows, fromBelow: true, below: shown.below };
  }
  return { rows: shown.rows, fromBelow: true, below: shown.below };
}

/** In the place of the prompt where nothing can be written: as wide as that. */
const REFUSING_PROMPT = '✗ ';
const NOT_HERE = 'yellow';

const writeTo = ({ view }: ChannelState): Span => ({ text: `Write to ${safeText(titleOf(view))}`, dim: true });

function inputOf(state: ChatState, { columns, inputHeight }: Geometry): { rows: Row[]; cursor: { row: number; column: number } } {
  const draft = draftOf(state);
  const { rows, cursor, above, below } = inputRows(draft, columns - 2 * MARGIN, inputHeight);
  const channel = activeChannel(state);
  const why = channel && whyNotWrite(state, channel);
  const placeholder: Span[] = draft.text === '' && channel ? [why === undefined ? writeTo(channel) : { text: why, colour: NOT_HERE }] : [];
  // Commands work everywhere.
  const prompt: Span =
    why === undefined || draft.text.startsWith('/')
      ? { text: PROMPT, colour: 'cyan', bold: true }
      : { text: REFUSING_PROMPT, colour: NOT_HERE, bold: true };
  const lines = rows.map((text, index): Row => {
    const more = (index === 0 && above > 0 ? '↑ ' : '') || (index === rows.length - 1 && below > 0 ? '↓ ' : '');
    const before = more || (index === 0 ? prompt.text : ' '.repeat(PROMPT.length));
    return [{ text: ' '.repeat(MARGIN) }, { ...prompt, text: before }, ...(text === '' ? placeholder : [{ text }])];
  });
  return { rows: lines, cursor: { row: cursor.row, column: MARGIN + PROMPT.length + cursor.column } };
}

const frames = new WeakMap<ChatState, Frame>();

/** The screen that follows from a state. A state never changes, so that it is worked out once. */
export function frame(state: ChatState): Frame {
  const known = frames.get(state);
  if (known) return known;
  const made = makeFrame(state);
  frames.set(state, made);
  return made;
}

function makeFrame(state: ChatState): Frame {
  const place = geometry(state);
  const pane = paneOf(state, place);
  const input = inputOf(state, place);
  const sideHeight = place.paneHeight + (place.header ? 1 : 0);
  const side =
    place.side === 0 ? [] : sideRows(state, activeChannel(state), { width: place.side, height: sideHeight, people: place.people });
  return {
    geometry: place,
    side,
    header: headerRow(state, place.paneWidth),
    pane: pane.rows.map((row) => clipped(row, place.paneWidth)),
    fromBelow: pane.fromBelow,
    status: statusRow(state, place.columns, pane.below),
    input: input.rows,
    cursor: { row: place.rows - place.inputHeight + input.cursor.row, column: input.cursor.column },
  };
}
