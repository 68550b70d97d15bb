import { Box } from 'ink';
import { useSyncExternalStore } from 'react';
import { frame } from './frame.ts';
import { MARGIN } from './geometry.ts';
import { Lines } from './lines.tsx';
import { BORDER } from './paint.ts';
import type { ChatState } from './state.ts';

export interface ChatStore {
  readonly state: ChatState;
  /** Returns what ends it. */
  subscribe(listener: () => void): () => void;
}

/** The whole screen, as it follows from the state. */
export function ChatScreen({ state }: { readonly state: ChatState }) {
  const { geometry, side, header, pane, fromBelow, status, input } = frame(state);
  const { columns, rows, paneWidth, paneHeight, inputHeight } = geometry;
  const { colours } = state;
  const mainHeight = paneHeight + (geometry.header ? 1 : 0);
  return (
    <Box width={columns} height={rows} flexDirection="column" overflow="hidden">
      <Box height={mainHeight} flexShrink={0}>
        {geometry.side > 0 && (
          <>
            <Box width={geometry.side} flexShrink={0} flexDirection="column">
              <Lines rows={side} colours={colours} />
            </Box>
            <Box width={1} flexShrink={0} flexDirection="column">
              <Lines rows={side.map(() => [{ text: BORDER, dim: true }])} colours={colours} />
            </Box>
          </>
        )}
        <Box marginLeft={MARGIN} width={paneWidth} flexShrink={0} flexDirection="column">
          {geometry.header && <Lines rows={[header]} colours={colours} />}
          <Box height={paneHeight} flexShrink={0} flexDirection="column" justifyContent={fromBelow ? 'flex-end' : 'flex-start'}>
            <Lines rows={pane} colours={colours} />
          </Box>
        </Box>
      </Box>
      <Box height={1} flexShrink={0}>
        <Lines rows={[status]} colours={colours} />
      </Box>
      <Box height={inputHeight} flexShrink={0} flexDirection="column">
        <Lines rows={input} colours={colours} />
      </Box>
    </Box>
  );
}

export function ChatApp({ store }: { readonly store: ChatStore }) {
  const state = useSyncExternalStore(
    (listener) => store.subscribe(listener),
    () => store.state,
  );
  return <ChatScreen state={state} />;
}
