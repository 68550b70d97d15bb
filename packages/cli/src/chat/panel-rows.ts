import { safeText } from '../text/safe-text.ts';
import { wrap } from '../text/wrap.ts';
import type { Row, Span } from './rows.ts';
import type { Panel, PanelLine } from './state.ts';

const LOOKS: Readonly<Record<NonNullable<PanelLine['tone']>, Omit<Span, 'text'>>> = {
  strong: { bold: true },
  faint: { dim: true },
  warning: { colour: 'red' },
};

function lineRows({ text, tone, hang = 0 }: PanelLine, width: number): Row[] {
  const look = tone === undefined ? {} : LOOKS[tone];
  const safe = safeText(text, { lines: true });
  const indent = hang < width / 2 ? hang : 2;
  // The first row has the whole width, the others what the indentation leaves: the first row is wrapped as if it were indented too.
  const head = safe.slice(0, indent);
  const rows = wrap(safe.slice(indent), width - indent);
  return rows.map((row, index) => [{ ...look, text: (index === 0 ? head : ' '.repeat(indent)) + row }]);
}

export function panelRows(panel: Panel, width: number): Row[] {
  return panel.lines.flatMap((line) => lineRows(line, width));
}
