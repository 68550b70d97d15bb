/**
 * Words for the other side, as `Text` allows them: one line without control characters, at most `maxLength` characters. What is no such
 * text would be refused there, and held against us.
 */
export function plainReason(text: string, maxLength: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f]|\p{Cs}/gu, ' ');
  return [...line].slice(0, maxLength).join('');
}
