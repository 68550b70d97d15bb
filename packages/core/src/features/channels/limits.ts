/** Bytes of text in one message. */
export const MAX_TEXT_BYTES = 64 * 1024;
