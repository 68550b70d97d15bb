const digit = (code: number): number => (code < 58 ? code - 48 : code - 87);

/** How many leading bits two node ids share: 128 when they are the same. GUIDs in lower case, whose digits stand at the same places. */
export function commonBits(a: string, b: string): number {
  let bits = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return bits + Math.clz32(digit(x) ^ digit(y)) - 28;
    if (x !== 45) bits += 4;
  }
  return bits;
}

/** Whether `a` is nearer to `target` than `b` is, by XOR of their ids (S3 "XOR distance of a GUID"). */
export function isCloser(a: string, b: string, target: string): boolean {
  for (let i = 0; i < target.length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    const wanted = digit(target.charCodeAt(i));
    return (digit(x) ^ wanted) < (digit(y) ^ wanted);
  }
  return false;
}
