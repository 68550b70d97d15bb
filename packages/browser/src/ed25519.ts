import { fromHex } from '@parley/core';

const POINT_BYTES = 32;
const SIGNATURE_BYTES = 64;

const numbers = (...hex: string[]): Uint8Array[] => hex.map((text) => fromHex(text) ?? new Uint8Array());

/** Little-endian, like everything of Ed25519: the field's prime 2^255 - 19, and the order of the group. */
const [FIELD = new Uint8Array(), ORDER = new Uint8Array()] = numbers(
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010',
);

/** The y coordinates of all points whose order divides eight: 0, 1, -1, and the two of order eight. */
const SMALL_ORDER = numbers(
  `${'00'.repeat(32)}`,
  `01${'00'.repeat(31)}`,
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
);

/** Whether a little-endian number is below another. `top`: the bits of its highest byte that belong to it. */
function isBelow(number: Uint8Array, limit: Uint8Array, top = 0xff): boolean {
  for (let i = limit.length - 1; i >= 0; i--) {
    const byte = (number[i] ?? 0) & (i === limit.length - 1 ? top : 0xff);
    const bound = limit[i] ?? 0;
    if (byte !== bound) return byte < bound;
  }
  return false;
}

/** The top bit is the sign of x, and belongs to the point and not to y. */
function hasSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDER.some((y) => y.every((byte, i) => byte === ((point[i] ?? 0) & (i === POINT_BYTES - 1 ? 0x7f : 0xff))));
}

const isGoodPoint = (point: Uint8Array): boolean => isBelow(point, FIELD, 0x7f) && !hasSmallOrder(point);

/**
 * What RFC 8032 lets a verifier refuse and every node has to agree on, before the equation is looked at: S not below the group order, a
 * public key or an R that is not canonical or of small order. Browsers differ in which of these they look at themselves.
 */
export function isStrictSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== POINT_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  return isGoodPoint(publicKey) && isGoodPoint(signature.subarray(0, POINT_BYTES)) && isBelow(signature.subarray(POINT_BYTES), ORDER);
}
