const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export interface ChannelConfig {
  /** A member announces a channel when it has heard no CHANNEL for this long, give or take a third. */
  readonly announceMs: number;
  /** A channel that nobody announced for this long is forgotten, unless joined. */
  readonly forgetMs: number;
  /** A member of whom nothing was heard for this long counts no more. */
  readonly memberMs: number;
  readonly maxChannels: number;
  readonly maxJoined: number;
  readonly maxMembers: number;
  /** Members that others list, kept of one joined channel, and of all channels. */
  readonly maxHints: number;
  readonly maxHintsInAll: number;
  /** Answers that CHANNEL asks for are spread over this time (WIRE "CHANNEL, JOIN, LEAVE"). */
  readonly answerJitterMs: number;
  readonly answerEveryMs: number;
  /** Above this many members CHANNEL carries a sample, and nobody joins because of an omission. */
  readonly sampleAbove: number;
  /** Above this many members no RECEIPTs are sent. */
  readonly receiptsUpTo: number;
  /** How long a missing number holds back those behind it. */
  readonly gapWaitMs: number;
  /** Messages of one sender that are missing are asked for after this long: most come by themselves. */
  readonly gapAskMs: number;
  /** Messages of one sender that wait behind a gap. */
  readonly gapCapacity: number;
  /** Members meet now and then: HAVE to one of them, this often. */
  readonly haveEveryMs: number;
  /** Members that tell a newcomer what they have. */
  readonly haveOnMeeting: number;
  /** Messages of each sender that a newcomer asks for. */
  readonly historyOnJoin: number;
  /** Floods of the last minutes that a new neighbour is handed, so that it knows the channels at once. */
  readonly replayCapacity: number;
  readonly replayBytes: number;
  /** Messages kept of one channel, and bytes of them as they were signed, in base64: above that the heaviest sender's oldest are deleted. */
  readonly channelMessages: number;
  readonly channelBytes: number;
  /** The same of one sender in a channel. */
  readonly senderMessages: number;
  readonly senderBytes: number;
  /** Own messages that cannot be sealed yet: so many in one conversation and in all, tried again this often, and given up after this long. */
  readonly maxWaiting: number;
  readonly maxWaitingInAll: number;
  readonly waitingRetryMs: number;
  readonly waitingMs: number;
}

export const channelDefaults: ChannelConfig = {
  announceMs: 5 * MINUTE,
  forgetMs: 30 * MINUTE,
  memberMs: 7 * DAY,
  maxChannels: 2000,
  maxJoined: 500,
  maxMembers: 10_000,
  maxHints: 1000,
  maxHintsInAll: 50_000,
  answerJitterMs: 30_000,
  answerEveryMs: 10 * MINUTE,
  sampleAbove: 500,
  receiptsUpTo: 50,
  gapWaitMs: 5000,
  gapAskMs: 1000,
  gapCapacity: 1000,
  haveEveryMs: MINUTE,
  haveOnMeeting: 4,
  historyOnJoin: 200,
  replayCapacity: 1000,
  replayBytes: 4 * 1024 * 1024,
  channelMessages: 200_000,
  channelBytes: 256 * 1024 * 1024,
  senderMessages: 100_000,
  senderBytes: 128 * 1024 * 1024,
  maxWaiting: 1000,
  maxWaitingInAll: 10_000,
  waitingRetryMs: 10 * MINUTE,
  waitingMs: 7 * DAY,
};
