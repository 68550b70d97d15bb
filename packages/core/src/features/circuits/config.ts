export interface CircuitConfig {
  /** Whether this node is a hop of others' circuits. Servers are. */
  readonly serves: boolean;
  /** How long a hop may take to answer, dialling the next one included, and how often a circuit is begun anew, by other hops, before its messages wait. */
  readonly hopTimeoutMs: number;
  readonly attempts: number;
  /** Wait after so many attempts in vain; twice as long for each circuit that stood and was of no use, up to `maxRetryMs`. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** How long a last hop may take to say that it has custody, once all that was said to it is on its way; and however long that takes. */
  readonly carriedTimeoutMs: number;
  readonly maxCarriedTimeoutMs: number;
  /** An own circuit takes no new message after this long, so that one exit does not see all of a conversation; and it ends when it was idle for so long. */
  readonly freshMs: number;
  readonly idleMs: number;
  /** Own circuits at once, what waits for one that is being made, and own messages of which answers are understood. */
  readonly maxOwn: number;
  readonly maxUttered: number;
  readonly maxEnvelopes: number;
  /** As a hop: circuits in all, and how long one may be silent. */
  readonly maxHops: number;
  readonly hopIdleMs: number;
  /** As a hop: circuits that a neighbour may begin, where it is no server, and between two servers, in each direction. */
  readonly maxPerLink: number;
  readonly maxBetweenServers: number;
  /** As a hop: of its own circuits a neighbour may have this part go on to one server; and so much it may take of what all share. */
  readonly share: number;
  /** As a hop: bytes of messages that are not whole yet, on all circuits, and how long one may take. */
  readonly maxHalfBytes: number;
  readonly halfMs: number;
  /** As a hop: above so many queued bytes of the next link a circuit ends, rather than the link. */
  readonly maxQueuedBytes: number;
  /** As the last hop: messages of which the fate is still to be told, in all and of one circuit; lookups at once, of one circuit and of all, those for messages apart. */
  readonly maxCarried: number;
  readonly maxCarriedPerCircuit: number;
  readonly maxLookups: number;
  readonly maxAllLookups: number;
  /** As the last hop: how long it looks something up before it says that there is nothing. */
  readonly lookupMs: number;
  /** As the last hop: envelopes in custody, their bytes, and those for one recipient; and how long one that is there has time to answer. */
  readonly maxHeld: number;
  readonly maxHeldBytes: number;
  readonly maxHeldPerRecipient: number;
  readonly unreceiptedMs: number;
}

const MINUTE = 60_000;

export const circuitDefaults: CircuitConfig = {
  serves: true,
  hopTimeoutMs: 10_000,
  attempts: 3,
  retryMs: 15_000,
  maxRetryMs: 10 * MINUTE,
  carriedTimeoutMs: 10_000,
  maxCarriedTimeoutMs: 2 * MINUTE,
  freshMs: 10 * MINUTE,
  idleMs: 5 * MINUTE,
  maxOwn: 32,
  maxUttered: 64,
  maxEnvelopes: 10_000,
  maxHops: 10_000,
  hopIdleMs: 15 * MINUTE,
  maxPerLink: 256,
  maxBetweenServers: 2048,
  share: 1 / 4,
  maxHalfBytes: 64 * 1024 * 1024,
  halfMs: 2 * MINUTE,
  maxQueuedBytes: 2 * 1024 * 1024,
  maxCarried: 10_000,
  maxCarriedPerCircuit: 2000,
  maxLookups: 8,
  maxAllLookups: 200,
  lookupMs: 8000,
  maxHeld: 5000,
  maxHeldBytes: 128 * 1024 * 1024,
  maxHeldPerRecipient: 500,
  unreceiptedMs: 10 * MINUTE,
};
