import type { Identity } from '../../../identity/identity.ts';
import type { KeyBook } from '../../../identity/ids.ts';
import type { Overlay } from '../../../overlay/index.ts';
import type { Ports } from '../../../ports/index.ts';
import type { SealingTarget } from '../../../wire/jwe.ts';
import type { JwsReader } from '../../../wire/jws.ts';
import type { Ending } from '../change.ts';
import type { Conversation } from '../membership.ts';

/** What closed channels need of the rest. */
export interface ClosedDeps {
  readonly ports: Ports;
  readonly identity: Identity;
  readonly keys: KeyBook;
  readonly reader: JwsReader;
  readonly overlay: Overlay;
  /** Whom to seal to, by node id. */
  readonly target: (nodeId: string) => Promise<SealingTarget>;
  /** Key id of whom this node stands for. */
  readonly person: () => string;
  /** Whether a node is, or was, one of this user's devices. */
  readonly isOwn: (nodeId: string) => boolean;
  /** Errors: `quota` where no conversation more fits in. */
  readonly room: () => void;
  /** Whether this user has to do with a node otherwise, by their own choice, and whether they want nothing to do with it. */
  readonly isKnown: (nodeId: string) => boolean;
  readonly blocked: (nodeId: string) => boolean;
  /** Conversations in closed channels that this node takes part in. */
  readonly conversing: () => readonly Pick<Conversation, 'id' | 'name' | 'members'>[];
  readonly converse: (about: Conversation) => Promise<unknown>;
  readonly endConversation: (channelId: string, how?: Ending) => Promise<void>;
  /** Compares what is here of a channel with what some members have. */
  readonly meet: (channelId: string) => void;
}
