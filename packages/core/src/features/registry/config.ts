import { MAX_DATAGRAM_BYTES } from '../../ports/index.ts';

export interface RegistryConfig {
  /** Whether this node publishes a record of itself. An unlisted one finds others, and is not found (DESIGN section 3). */
  readonly listed: boolean;
  /** Told to everybody with the record (S4 "Optional metadata"). */
  readonly metadata: Readonly<Record<string, string>>;
  /** Contacts of a bucket, and holders of a record (Kademlia's k). */
  readonly k: number;
  readonly alpha: number;
  readonly paths: number;
  readonly morePaths: number;
  readonly maxQuestions: number;
  /**
   * So many nearest nodes are asked on each path, though one has found a record: on both together more than those of one network
   * (`lookupPerNetwork`), which could all say the same old one.
   */
  readonly confirm: number;
  /** Contacts in an answer that has the record: enough to get on to the nearest. */
  readonly besideRecord: number;
  /** Entries of one /24 or /48 in the table, and nodes of one that a lookup asks; loopback excepted. */
  readonly perNetwork: number;
  readonly lookupPerNetwork: number;
  /** An answer is given up after so long; somebody else is asked meanwhile when it takes longer than is usual. */
  readonly answerTimeoutMs: number;
  readonly minPatienceMs: number;
  readonly maxPatienceMs: number;
  /** Questions under way, and lookups at a time; more wait or are refused. */
  readonly maxPending: number;
  readonly maxLookups: number;
  /** Questions a second that one network may ask, and signatures that it may have for them; loopback excepted. */
  readonly questionsPerSecond: number;
  readonly signaturesPerSecond: number;
  /** Signatures a second for addresses that are not proved, of all networks together; others have to prove theirs first. */
  readonly unprovedPerSecond: number;
  /** Records a second whose signature is checked: of one network, and of all together; loopback excepted. */
  readonly recordsPerSecond: number;
  readonly allRecordsPerSecond: number;
  readonly tokenMs: number;
  readonly recordLifetimeMs: number;
  readonly republishMs: number;
  /** Changes are gathered for a moment, and told at most so often. */
  readonly settleMs: number;
  readonly minPublishMs: number;
  readonly maintenanceMs: number;
  /** A contact that was not heard of for so long is asked whether it lives, so many of them at each maintenance. */
  readonly contactSilentMs: number;
  readonly pingsATick: number;
  readonly refreshMs: number;
  readonly shelfRecords: number;
  readonly shelfBytes: number;
  readonly changesAtOnce: number;
  readonly changeMs: number;
  readonly saveMs: number;
  /** What a newcomer is handed when its link opens. */
  readonly handedRecords: number;
  /** A record that was fetched so lately is not fetched again. */
  readonly freshMs: number;
  readonly linkAnswerMs: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const registryDefaults: RegistryConfig = {
  listed: true,
  metadata: {},
  k: 20,
  alpha: 3,
  paths: 2,
  morePaths: 4,
  maxQuestions: 120,
  confirm: 3,
  besideRecord: 4,
  perNetwork: 2,
  lookupPerNetwork: 4,
  answerTimeoutMs: 2000,
  minPatienceMs: 100,
  maxPatienceMs: 700,
  maxPending: 4096,
  maxLookups: 64,
  questionsPerSecond: 2000,
  signaturesPerSecond: 100,
  unprovedPerSecond: 500,
  recordsPerSecond: 200,
  allRecordsPerSecond: 2000,
  tokenMs: 5 * MINUTE,
  recordLifetimeMs: 24 * HOUR,
  republishMs: HOUR,
  settleMs: 1000,
  minPublishMs: 10_000,
  maintenanceMs: 10_000,
  contactSilentMs: 15 * MINUTE,
  pingsATick: 3,
  refreshMs: 30 * MINUTE,
  shelfRecords: 20_000,
  shelfBytes: 32 * 1024 * 1024,
  changesAtOnce: 10,
  changeMs: 30_000,
  saveMs: 30_000,
  handedRecords: 16,
  freshMs: 30_000,
  linkAnswerMs: 6000,
};

/** What the largest packet holds, and so the size of a question from an address that is not proved. */
export const PACKET_BYTES = MAX_DATAGRAM_BYTES;
