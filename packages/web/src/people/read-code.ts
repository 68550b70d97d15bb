/** A photograph is made smaller before it is searched: a code that fills a part of it is found all the same. */
const MAX_SIDE = 1600;
/** For a picture that stands still there is time to look twice. */
const TIME_MS = 2000;

/** The text of the QR code in a picture; undefined where there is none to be read. Rejects for a file that is no picture. */
export async function readCode(picture: Blob): Promise<string | undefined> {
  const [{ default: decode }, bitmap] = await Promise.all([import('qr/decode.js'), createImageBitmap(picture)]);
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [Math.max(1, Math.round(bitmap.width * scale)), Math.max(1, Math.round(bitmap.height * scale))];
  const drawing = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  if (!drawing) return undefined;
  // What is transparent is paper.
  drawing.fillStyle = 'white';
  drawing.fillRect(0, 0, width, height);
  drawing.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = drawing.getImageData(0, 0, width, height);
  try {
    return decode({ width, height, data }, { timeLimit: TIME_MS });
  } catch {
    // That is how the reader says that it found none.
    return undefined;
  }
}
