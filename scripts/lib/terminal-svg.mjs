/** Turns what `tmux capture-pane -e` gives into an SVG that looks like a terminal. */

const CELL = { width: 8.4, height: 18 };
const MARGIN = 14;
const TITLE = 34;
const PALETTE = ['#1d2026', '#f07178', '#a5d6a7', '#ffcb6b', '#82aaff', '#c792ea', '#89ddff', '#c8ccd4'];
const BRIGHT = ['#5c6370', '#ff8b92', '#ddffa7', '#ffe585', '#9cc4ff', '#e1acff', '#a3f7ff', '#ffffff'];
const FOREGROUND = '#d4d7dd';
const BACKGROUND = '#1d2026';
const DIM = 0.55;

/**
 * @typedef {{ foreground?: string | undefined, background?: string | undefined, bold?: boolean, dim?: boolean, italic?: boolean, inverse?: boolean }} Look
 * @typedef {{ text: string, look: Look, column: number, width: number }} Run
 */

/** @param {number} index one of xterm's 256 colours */
function indexed(index) {
  if (index < 8) return PALETTE[index];
  if (index < 16) return BRIGHT[index - 8];
  const hex = (/** @type {number} */ value) => value.toString(16).padStart(2, '0');
  if (index >= 232) return `#${hex(8 + (index - 232) * 10).repeat(3)}`;
  const step = (/** @type {number} */ value) => hex(value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return `#${step(Math.floor(cube / 36))}${step(Math.floor(cube / 6) % 6)}${step(cube % 6)}`;
}

/**
 * Select Graphic Rendition (ECMA-48), as far as a chat uses it.
 *
 * @param {Look} look
 * @param {string} parameters
 * @returns {Look}
 */
function styled(look, parameters) {
  const codes = parameters === '' ? [0] : parameters.split(/[;:]/).map(Number);
  let next = { ...look };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next = { ...next, bold: false, dim: false };
    else if (code === 23) next.italic = false;
    else if (code === 27) next.inverse = false;
    else if (code >= 30 && code <= 37) next.foreground = PALETTE[code - 30];
    else if (code >= 90 && code <= 97) next.foreground = BRIGHT[code - 90];
    else if (code === 39) delete next.foreground;
    else if (code >= 40 && code <= 47) next.background = PALETTE[code - 40];
    else if (code === 49) delete next.background;
    else if ((code === 38 || code === 48) && codes[at + 1] === 5) {
      next[code === 38 ? 'foreground' : 'background'] = indexed(codes[at + 2] ?? 0);
      at += 2;
    }
  }
  return next;
}

/** @param {string} character */
function cells(character) {
  if (/\p{M}/u.test(character)) return 0;
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff01-\uff60]|\p{Emoji_Presentation}/u.test(character) ? 2 : 1;
}

/**
 * Runs of one look within a line. Wide characters are runs of their own, so that the rest keeps to the grid.
 *
 * @param {string} line
 * @param {Look} before
 */
function runsOf(line, before) {
  /** @type {Run[]} */
  const runs = [];
  let look = before;
  let column = 0;
  let fresh = true;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read here
  for (const [, sequence, character] of line.matchAll(/\u001b\[([0-9;:]*)m|([\s\S])/gu)) {
    if (character === undefined) {
      look = styled(look, sequence ?? '');
      fresh = true;
      continue;
    }
    const width = cells(character);
    const last = runs.at(-1);
    if (last && !fresh && width < 2 && last.width >= 0) {
      last.text += character;
      last.width += width;
    } else {
      runs.push({ text: character, look, column, width });
    }
    fresh = width === 2;
    column += width;
  }
  return { runs, look };
}

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
/** @param {number} value */
const round = (value) => Math.round(value * 10) / 10;

/**
 * @param {Run} run
 * @param {number} row
 */
function runSvg({ text, look, column, width }, row) {
  const [x, y] = [round(MARGIN + column * CELL.width), TITLE + MARGIN + row * CELL.height];
  const foreground = (look.inverse ? look.background : look.foreground) ?? (look.inverse ? BACKGROUND : FOREGROUND);
  const background = (look.inverse ? look.foreground : look.background) ?? (look.inverse ? FOREGROUND : undefined);
  const w = round(width * CELL.width);
  const box = background ? `<rect x="${x}" y="${y}" width="${round(w + 0.3)}" height="${CELL.height}" fill="${background}"/>` : '';
  if (text.trim() === '') return box;
  const weight = look.bold ? ' font-weight="700"' : '';
  const style = look.italic ? ' font-style="italic"' : '';
  const faint = look.dim ? ` fill-opacity="${DIM}"` : '';
  const fit = ` textLength="${w}" lengthAdjust="spacingAndGlyphs"`;
  return `${box}<text x="${x}" y="${round(y + CELL.height * 0.73)}" fill="${foreground}"${weight}${style}${faint}${fit}>${escaped(text)}</text>`;
}

/**
 * @param {string} captured lines with their escape sequences
 * @param {{ columns: number, rows: number, cursor: { column: number, row: number }, title: string }} options
 */
export function terminalSvg(captured, { columns, rows, cursor, title }) {
  const width = round(columns * CELL.width + 2 * MARGIN);
  const height = rows * CELL.height + TITLE + 2 * MARGIN;
  /** @type {Look} */
  let look = {};
  const lines = captured.split('\n').slice(0, rows);
  const body = lines.map((line, row) => {
    const { runs, look: after } = runsOf(line, look);
    look = after;
    return runs.map((run) => runSvg(run, row)).join('');
  });
  const at = { x: round(MARGIN + cursor.column * CELL.width), y: TITLE + MARGIN + cursor.row * CELL.height };
  const dots = ['#ff5f57', '#febc2e', '#28c840'].map((fill, index) => `<circle cx="${22 + index * 20}" cy="17" r="6" fill="${fill}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">
<rect width="${width}" height="${height}" rx="10" fill="${BACKGROUND}"/>
<path d="M0 10a10 10 0 0 1 10-10h${width - 20}a10 10 0 0 1 10 10v${TITLE - 10}H0z" fill="#2b2f37"/>
${dots.join('')}
<text x="${width / 2}" y="22" fill="#9aa0ab" font-family="system-ui, sans-serif" font-size="13" text-anchor="middle">${escaped(title)}</text>
<g font-family="ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Consolas, monospace" font-size="14" xml:space="preserve">
${body.filter((line) => line !== '').join('\n')}
</g>
<rect x="${at.x}" y="${at.y + 1}" width="${CELL.width}" height="${CELL.height - 2}" fill="${FOREGROUND}" fill-opacity="0.75"/>
</svg>
`;
}
