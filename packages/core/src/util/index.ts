export { type Awaitable, chain, isPromise } from './awaitable.ts';
export { base64, base64url, fromBase64, fromBase64url } from './base64.ts';
export { ExpiringSet, LruMap, TokenBucket } from './bounded.ts';
export { concat, equalBytes, fromHex, hex, utf8 } from './bytes.ts';
export { type ErrorCode, errorCode, ParleyError } from './errors.ts';
export { Emitter } from './events.ts';
export { GUID_PATTERN, guidFromBytes, guidFromDigest, isGuid, randomGuid } from './guid.ts';
export { Scope } from './scope.ts';
