export interface FileConfig {
  /** What is fetched without being asked for: files up to this size. */
  readonly autoBytes: number;
  /** All files that came so, together. Strangers' have at most half of it. */
  readonly maxAutoBytes: number;
  /** What came so, and nobody gave for so long, is waited for no more. */
  readonly unaskedMs: number;
  /** Largest file. */
  readonly maxFileBytes: number;
  /** All files that were fetched, and those that are being fetched, together. */
  readonly maxBytes: number;
  /** Files that are known of, and fetches that are not finished. */
  readonly maxFiles: number;
  readonly maxUnfinished: number;
  /** Fetches at a time. */
  readonly maxActive: number;
  /** Room on the disk that is left alone. */
  readonly spareBytes: number;
  /** Members that are asked at a time. */
  readonly maxSources: number;
  /** Chunks in one question, and questions under way: to a neighbour, and to another. */
  readonly directChunks: number;
  readonly directRequests: number;
  readonly relayedChunks: number;
  /** A question of which nothing came for so long is given up. */
  readonly answerMs: number;
  /** How long a direct link is waited for before chunks go by relays. */
  readonly directWaitMs: number;
  /** Members are asked again what they have, this often. */
  readonly askMs: number;
  /** Questions of one member, and of all, that are answered at a time. Some are left for those whom the user knows. */
  readonly givingEach: number;
  readonly givingAll: number;
  /** Bytes a second that go by relays to one member. */
  readonly relayedBytesPerSecond: number;
  /** The same to all members together: what a server takes of bulk from a link. */
  readonly relayedBytesPerSecondInAll: number;
}

const MIB = 1024 * 1024;

export const fileDefaults: FileConfig = {
  autoBytes: 16 * MIB,
  maxAutoBytes: 1024 * MIB,
  unaskedMs: 7 * 86_400_000,
  maxFileBytes: 64 * 1024 * MIB,
  maxBytes: 64 * 1024 * MIB,
  maxFiles: 10_000,
  maxUnfinished: 100,
  maxActive: 3,
  spareBytes: 256 * MIB,
  maxSources: 8,
  directChunks: 16,
  directRequests: 2,
  relayedChunks: 4,
  answerMs: 15_000,
  directWaitMs: 3000,
  askMs: 20_000,
  givingEach: 4,
  givingAll: 32,
  relayedBytesPerSecond: 2 * MIB,
  relayedBytesPerSecondInAll: 5 * MIB,
};
