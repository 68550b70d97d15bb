/** What travels on a simulated connection. `open`, `end` and `reset` are its own business, as SYN, FIN and RST are TCP's. */
export type Frame =
  | { readonly kind: 'message'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'data'; readonly transfer: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'keep-alive' }
  | { readonly kind: 'open' }
  | { readonly kind: 'end' }
  | { readonly kind: 'reset' };

export const KEEP_ALIVE: Frame = { kind: 'keep-alive' };
export const OPEN: Frame = { kind: 'open' };
export const END: Frame = { kind: 'end' };
export const RESET: Frame = { kind: 'reset' };

/** Bytes on the wire, as the framing on TLS counts them (WIRE "Frames"). */
export function frameSize(frame: Frame): number {
  if (frame.kind === 'message') return 4 + frame.bytes.length;
  if (frame.kind === 'data') return 8 + frame.bytes.length;
  return frame.kind === 'keep-alive' ? 4 : 0;
}
