/** How much faster time passes where a test would wait for half a minute. */
export const HASTE = 10;
