/** A name for a file: of letters and digits. */
export function fileName(name: string, otherwise = 'identity'): string {
  return name.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '') || otherwise;
}

/** The browser may begin to read only after the click has returned. */
const READ_MS = 60_000;

/** Has the browser save a file, where its user or their settings say. */
export function saveAs(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), READ_MS);
}
