/** One line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [number, number])[];
}

export interface Plot {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Sizes of networks are far apart. */
  readonly logX: boolean;
  readonly maxY: number;
  readonly series: readonly Series[];
}

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 56;
const RIGHT = 168;
const TOP = 40;
const BOTTOM = 48;
/** Told apart by people who see colours differently, on light and on dark. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function tick(number: number): string {
  return number >= 1000 ? number.toLocaleString('en') : String(Number(number.toPrecision(3)));
}

/** A plot as SVG, the same for the same figures. */
export function plotSvg({ title, x, y, logX, maxY, series }: Plot): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const scale = (value: number): number => (logX ? Math.log10(value) : value);
  const [first, last] = [scale(xs[0] ?? 0), scale(xs.at(-1) ?? 1)];
  const left = (value: number): string =>
    (LEFT + ((scale(value) - first) / Math.max(1e-9, last - first)) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const top = (value: number): string => (HEIGHT - BOTTOM - (value / maxY) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const text = (at: string, content: string, more = ''): string => `<text ${at} ${more}>${escaped(content)}</text>`;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(`x="${LEFT}" y="22"`, title, 'font-size="14" font-weight="bold"'),
  ];
  for (let step = 0; step <= 4; step++) {
    const value = (maxY * step) / 4;
    lines.push(`<path d="M${LEFT} ${top(value)}H${WIDTH - RIGHT}" stroke="#dddddd"/>`);
    lines.push(text(`x="${LEFT - 6}" y="${Number(top(value)) + 4}"`, tick(value), 'text-anchor="end"'));
  }
  for (const at of xs) lines.push(text(`x="${left(at)}" y="${HEIGHT - BOTTOM + 18}"`, tick(at), 'text-anchor="middle"'));
  lines.push(text(`x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}"`, x, 'text-anchor="middle"'));
  lines.push(text(`transform="translate(14 ${(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)"`, y, 'text-anchor="middle"'));
  for (const [index, { name, points }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length];
    const path = points.map(([at, value], i) => `${i === 0 ? 'M' : 'L'}${left(at)} ${top(value)}`).join('');
    lines.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const [at, value] of points) lines.push(`<circle cx="${left(at)}" cy="${top(value)}" r="3" fill="${colour}"/>`);
    const row = TOP + 8 + 18 * index;
    lines.push(`<path d="M${WIDTH - RIGHT + 12} ${row}h18" stroke="${colour}" stroke-width="2"/>`);
    lines.push(text(`x="${WIDTH - RIGHT + 36}" y="${row + 4}"`, name));
  }
  return `${lines.join('\n')}\n</svg>\n`;
}
