/** What makes text stand out. Colours are the terminal's own sixteen, so that they fit whatever background its user chose. */
export type Colour =
  | 'red'
  | 'green'
  | 'yellow'
  | 'blue'
  | 'magenta'
  | 'cyan'
  | 'greenBright'
  | 'yellowBright'
  | 'blueBright'
  | 'magentaBright'
  | 'cyanBright';

const CODES: Readonly<Record<Colour, number>> = {
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  greenBright: 92,
  yellowBright: 93,
  blueBright: 94,
  magentaBright: 95,
  cyanBright: 96,
};

/** Red is kept for what went wrong. */
const PEOPLE: readonly Colour[] = [
  'cyan',
  'green',
  'yellow',
  'magenta',
  'blue',
  'cyanBright',
  'greenBright',
  'yellowBright',
  'magentaBright',
  'blueBright',
];

/** Always the same colour for the same node. */
export function colourOf(nodeId: string): Colour {
  let hash = 0;
  for (let i = 0; i < nodeId.length; i++) hash = (hash * 31 + nodeId.charCodeAt(i)) >>> 0;
  return PEOPLE[hash % PEOPLE.length] ?? 'cyan';
}

export interface Style {
  colour(colour: Colour, text: string): string;
  bold(text: string): string;
  dim(text: string): string;
}

export const plainStyle: Style = { colour: (_, text) => text, bold: (text) => text, dim: (text) => text };

export const ansiStyle: Style = {
  colour: (colour, text) => `\u001b[${CODES[colour]}m${text}\u001b[39m`,
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** Colours are for terminals, and for nobody who asked for none (https://no-color.org). */
export function wantsColour(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): boolean {
  return isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
}
