export { parseUdpAddress, type UdpAddress } from './addresses.ts';
export { type BucketRules, Buckets, closest, type Placement, place, type Seen } from './buckets.ts';
export { type RegistryConfig, registryDefaults } from './config.ts';
export { type Contact as UdpContact, ContactBook } from './contacts.ts';
export { commonPrefix, compareDistance, ID_BITS, ID_BYTES, idInBucket, idOf } from './ids.ts';
export { loadDht } from './load.ts';
export { Lookup, type LookupRules } from './lookup.ts';
export {
  type Answer,
  FIND as FIND_PACKET,
  isAnswer,
  PING as PING_PACKET,
  type Question,
  type QuestionBody,
  readAnswer,
  readQuestion,
  STORE as STORE_PACKET,
  writeAnswer,
  writeQuestion,
  writeRetry,
} from './packets.ts';
export { MAX_RECORD_BYTES, makeRecord, type RecordContent, type RegistryRecord, readRecord } from './record.ts';
export { nextOwnRepublish, nextRepublish, patience, staleBuckets } from './schedule.ts';
export { type FindOptions, Registry, type RegistryContact, type RegistryDeps, registryTables } from './service.ts';
export { answerBytes, pingBytes, SessionKeys } from './sessions.ts';
export { type PutOutcome, Shelf, type ShelfLimits, type Shelved } from './shelf.ts';
export { RegistryStore } from './store.ts';
export { ContactTable } from './table.ts';
export { TOKEN_BYTES, Tokens } from './tokens.ts';
export { FIND_RECORD, FOUND, PUBLISH, RECORDS, registryVerbs } from './verbs.ts';
