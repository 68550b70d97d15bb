import { Box, Text } from 'ink';
import { memo } from 'react';
import type { Row, Span } from './rows.ts';

/** Readable on dark and on light terminals; where there are no colours, the terminal's own inverse. */
const BAR = { backgroundColor: 'ansi256(236)', color: 'ansi256(253)' } as const;

function look({ colour, bold, dim, italic, bar }: Span, colours: boolean) {
  const base = { bold: bold === true, dimColor: dim === true, italic: italic === true };
  if (!colours) return { ...base, inverse: bar === true };
  return { ...base, ...(bar ? BAR : {}), ...(colour === undefined ? {} : { color: colour }) };
}

const Line = memo(function Line({ row, colours }: { readonly row: Row; readonly colours: boolean }) {
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate">
        {row.length === 0
          ? ' '
          : row.map((span, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: spans have no identity but their place
              <Text key={index} {...look(span, colours)}>
                {span.text}
              </Text>
            ))}
      </Text>
    </Box>
  );
});

export function Lines({ rows, colours }: { readonly rows: readonly Row[]; readonly colours: boolean }) {
  return rows.map((row, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands at its place on the screen
    <Line key={index} row={row} colours={colours} />
  ));
}
