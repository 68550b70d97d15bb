export { type AuthFault, checkAuth, composeMessage, DIRECTED_WINDOW, FLOOD_WINDOW } from './auth.ts';
export * from './frames.ts';
export { canonicalJson, type JsonObject, type JsonValue, MAX_NESTING, parseJson } from './json.ts';
export {
  type Binding,
  type ContentKey,
  compactParts,
  encodeCompact,
  type Jwe,
  openJwe,
  PADDING_BYTES,
  readJwe,
  type SealingTarget,
  sealJwe,
} from './jwe.ts';
export { JwsReader, MAX_JWS_HEADER, peekJws, signJws, type VerifiedJws } from './jws.ts';
export {
  type Auth,
  DEFAULT_TTL,
  head,
  MAX_TTL,
  MAX_VIA,
  MAX_VIA_BYTES,
  type Message,
  parseTimestamp,
  TOWARD_BYTES,
  timestamp,
} from './message.ts';
export { type OriginCheck, type OriginFault, type OriginProof, proveOrigin } from './origin.ts';
export { type Validator, validator } from './schema.ts';
export {
  type AnyVerb,
  type DataOf,
  defineVerb,
  originOf,
  type Reach,
  recipientsOf,
  type Verb,
  VerbRegistry,
  type VerbSpec,
} from './verb.ts';
