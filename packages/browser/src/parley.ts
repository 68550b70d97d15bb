import type {
  ActKind,
  ApiEvent,
  ApiService,
  AttachmentContent,
  ChangeView,
  ChannelView,
  CircuitsView,
  ClosedSettings,
  ClosedView,
  ContactView,
  DeviceCodeView,
  DevicesView,
  ErrorCode,
  HistoryPolicy,
  InvitationView,
  JsonObject,
  MemberView,
  MessageView,
  NewAttachment,
  NewFile,
  OfferedFile,
  Page,
  PairingView,
  Person,
  Role,
  RotationView,
  RouteView,
  ScryptCost,
  SearchScope,
  SettingsChanges,
  SettingsView,
  StatusView,
} from '@parley/core';
import type { DraftFile, DraftView } from './files/drafts.ts';
import type { LogLevel } from './log.ts';

/** Where a page stands on its way to a running node. */
export type Phase =
  /** What is kept in this browser is being read. */
  | { readonly phase: 'starting' }
  /** Nobody is at home here yet: a name is needed, or a backup. */
  | { readonly phase: 'new' }
  /** There is an identity, and it rests under a passphrase. */
  | { readonly phase: 'locked'; readonly name: string; readonly keyId: string }
  /** `leads`: the node runs in this tab. Otherwise another tab of this browser runs it, and this one takes part through it. */
  | { readonly phase: 'running'; readonly leads: boolean }
  /** There is no way on until something is done about it: storage refused or damaged, a browser without what is needed. */
  | { readonly phase: 'failed'; readonly code: ErrorCode; readonly message: string };

/** A server that this node keeps a link to, or tries to. */
export interface ServerView {
  /** `ws://HOST:PORT/…` or `wss://…` */
  readonly url: string;
  /** `idle`: known, and not needed now. */
  readonly state: 'connected' | 'connecting' | 'waiting' | 'idle';
  /** Its node, once it has proved its key. */
  readonly nodeId?: string;
  readonly latencyMs?: number;
  /** Why the last attempt failed. */
  readonly error?: string;
  /** What answered there last did not prove to be who it said it is. */
  readonly unproved?: boolean;
}

/** What a page shows of its own node beside the status that every face has. */
export interface TabStatus extends StatusView {
  readonly servers: readonly ServerView[];
  readonly storage: { readonly usedBytes: number; readonly quotaBytes: number; readonly persistent: boolean };
  /** Whether the identity rests under a passphrase. */
  readonly encrypted: boolean;
  /** By how many milliseconds the clocks of the servers are ahead of ours, where that is worth telling. */
  readonly clockSkewMs?: number;
}

/** A node elsewhere in the network, and the best way to it that is known. */
export interface KnownNode {
  readonly person: Person;
  readonly nodeType?: 'client' | 'server';
  readonly hops: number;
  readonly latencyMs: number;
  readonly reliability: number;
  /** The neighbour that is the next hop. */
  readonly via: string;
}

/** What happens at a node, for a page: events of the local API, and those that only a tab has. */
export type TabEvent =
  | ApiEvent
  /** `status()` would answer otherwise than before: servers, storage, clock. */
  | { readonly event: 'status' }
  /** `rotation()` would answer otherwise than before. */
  | { readonly event: 'rotation' }
  /**
   * A message that can be shown already, while it is on its way to disk: `message` follows, or `expired` should it not be kept. Not told of every
   * message.
   */
  | { readonly event: 'coming'; readonly message: MessageView }
  /** Something went through this node, for the live map. `verb` with `from` or `to` a neighbour. */
  | { readonly event: 'traffic'; readonly verb: string; readonly neighbour: string; readonly incoming: boolean }
  /** How far a backup is that is being made or restored: rows of about so many, or bytes. */
  | { readonly event: 'progress'; readonly task: 'backup' | 'restore'; readonly done: number; readonly all: number }
  /** A file that was chosen stands elsewhere than before: it was read, or cannot be. */
  | { readonly event: 'draft'; readonly channel_id: string; readonly id: string }
  /** Events were lost while the leading tab changed: what is shown has to be asked for anew. */
  | { readonly event: 'reset' };

/**
 * The node of this browser, as a page asks it: wherever it runs, in this tab or in the one that leads. Calls wait while no node runs yet, and
 * survive a change of the leading tab. Errors are `ParleyError`.
 */
export interface TabNode {
  status(): Promise<TabStatus>;
  channels(): Promise<ReturnType<ApiService['channels']>>;
  /** `nonce` (base64 of 32 random bytes) makes a repeated call harmless. */
  create(name: string, nonce?: string): ReturnType<ApiService['create']>;
  join(channel: string): ReturnType<ApiService['join']>;
  leave(channel: string): Promise<void>;
  members(channel: string): Promise<MemberView[]>;
  messages(channel: string, page: Page): Promise<MessageView[]>;
  /** The message with this id, if it is kept here. */
  message(channel: string, msgId: string): ReturnType<ApiService['message']>;
  /** On disk when it resolves. `msgId` makes a repeated call harmless. Attachments have at most 256 KiB together. */
  send(
    channel: string,
    text: string,
    options?: { readonly replyTo?: string; readonly msgId?: string; readonly attachments?: readonly (NewAttachment | NewFile)[] },
  ): Promise<MessageView>;
  /** What is attached to a message, by its index; see `ApiService.attachment`. Shown only where the message says `show`. */
  attachment(channel: string, msgId: string, index: number): Promise<AttachmentContent>;
  /**
   * Copies a large file into this browser and reads it, so that a message to a channel can name it; the event `reading` with `id`, a GUID of the
   * caller's, as its path tells how far it is; where it is being read already, the same answer comes to both. Errors: `aborted`, `storage-full`, `unsupported`, `not-found`, those of `FileService.offer`.
   */
  offerFile(channel: string, id: string, file: File): Promise<OfferedFile>;
  /** Files that were chosen for the next message of a channel, over reloads: those of `offerFile` and `keepDraft`. */
  drafts(channel: string): Promise<DraftView[]>;
  /** Keeps what travels inside the next message of a channel. Errors: `quota`, `too-large`, those of the store. */
  keepDraft(channel: string, file: DraftFile): Promise<void>;
  /** They are sent. */
  sentDrafts(ids: readonly string[]): Promise<void>;
  /** One is not to be sent: nothing of it stays, and where it is being read that ends. */
  discardDraft(id: string): Promise<void>;
  /** Begins to fetch a large file that is attached to a message, or goes on; the event `attachment` tells the rest. */
  fetchFile(channel: string, msgId: string, index: number): Promise<void>;
  /** A large file that is here, on the disk of this browser. Its type is empty: nothing opens it by itself. */
  file(channel: string, msgId: string, index: number): Promise<File>;
  /** Ends fetching a large file and removes it here. */
  removeFile(root: string): Promise<void>;
  search(query: string, options: SearchScope): Promise<MessageView[]>;
  /** Edits, deletes, reacts to or pins a message; `text`: the new text, or the emoji. The message as it stands then. */
  act(channel: string, kind: ActKind, msgId: string, text?: string): Promise<MessageView>;
  /** What was changed about a closed channel, or the timer of a direct conversation, oldest first; the event `channel` says when there is more. */
  changes(channel: string): Promise<ChangeView[]>;
  pinned(channel: string): Promise<MessageView[]>;
  /** Everything up to this cursor has been seen: unread counts begin behind it. */
  markRead(channel: string, cursor: string): Promise<void>;
  /** The user is writing in a conversation, or has stopped without sending. */
  typing(channel: string, typing: boolean): Promise<void>;
  /** The user does something: contacts see that they are there. */
  here(): Promise<void>;
  /** Nodes that a route is known to, nearest first, at most `limit`. */
  nodes(limit: number): Promise<KnownNode[]>;
  /** All ways to a node, by key id or node id, best first, and why. Errors: `bad-argument`, `not-found`. */
  route(key: string): Promise<RouteView>;
  /** 60 digits over both keys (DESIGN section 3); undefined while the other's key is not known. */
  safetyNumber(nodeId: string): Promise<string | undefined>;
  /** Contacts, and who asks to be one. `who` below: a key id, node id, name or alias; errors `not-found`, `conflict`. */
  contacts(): Promise<ContactView[]>;
  /** `parley:contact/<key id>?name=…`: the link by which others add this user. */
  contactLink(): Promise<string>;
  /** By link or key id, or accepts who has asked. Errors: `bad-argument`, `too-large`, `conflict`, `quota`. */
  addContact(link: string, options?: { readonly alias?: string; readonly note?: string }): Promise<ContactView>;
  acceptContact(who: string): Promise<ContactView>;
  declineContact(who: string): Promise<void>;
  removeContact(who: string): Promise<void>;
  /** Without an alias they are called by their own name again. */
  renameContact(who: string, alias?: string): Promise<ContactView>;
  /** A key that is no contact is blocked too. */
  blockContact(who: string): Promise<ContactView>;
  unblockContact(who: string): Promise<void>;
  /** With the safety number that the other has; without one, what was verified is so no more. Errors: `bad-argument` when they differ. */
  verifyContact(who: string, number?: string): Promise<ContactView>;
  /** Whether the user believes that a contact has the key that their old one names (`new_key` of a contact). */
  decideKey(who: string, believed: boolean): Promise<ContactView>;
  /** A channel for invited members alone. `nonce` as in `create`; `history`: what newcomers may read of the time before them. */
  createClosed(name: string, history?: HistoryPolicy, nonce?: string): Promise<ChannelView>;
  /** Of a closed channel: the own role, and what newcomers may read. */
  closedChannel(channel: string): Promise<ClosedView>;
  /** `who`: a contact, key id or node id. Errors: `refused` where the own role does not allow it, `conflict` for a member, `unreachable`. */
  invite(channel: string, who: string, role?: Exclude<Role, 'owner'>): Promise<MemberView>;
  invitations(): Promise<InvitationView[]>;
  /** By id or name. Errors: `not-found`; `timeout` when no member has given the key yet: it goes on asking. */
  acceptInvitation(channel: string): Promise<ChannelView>;
  declineInvitation(channel: string): Promise<void>;
  /** `who` also as a member is shown. Errors: `refused`, `not-member`. */
  removeMember(channel: string, who: string): Promise<void>;
  setRole(channel: string, who: string, role: Role): Promise<MemberView>;
  channelSettings(channel: string, changes: ClosedSettings): Promise<ChannelView>;
  /** Messages that are written from now on go after so many seconds, 0 for never. Errors: `refused`, `bad-argument`. */
  setTimer(channel: string, seconds: number): Promise<ChannelView>;
  /** What the user tells others of what they do, and sees of them. */
  settings(): Promise<SettingsView>;
  /** The circuits that stand, or why there is none. */
  circuits(): Promise<CircuitsView>;
  setSettings(changes: SettingsChanges): Promise<SettingsView>;
  /** This user's devices: see `DeviceService`. */
  devices(): Promise<DevicesView>;
  deviceCode(): Promise<DeviceCodeView>;
  askDevice(link: string): Promise<PairingView>;
  confirmDevice(key: string): Promise<DevicesView>;
  revokeDevice(who: string): Promise<DevicesView>;
  /** A new key for this user, as far as it was begun with; the event `rotation` tells that it stands elsewhere. */
  rotation(): Promise<RotationView | undefined>;
  /**
   * Makes a new key, and tells these contacts of it: key ids, names or aliases. `passphrase`: that of the identity, where it has one. Errors:
   * `bad-passphrase`, and those of `Succession.begin`.
   */
  beginRotation(contacts: readonly string[] | 'verified' | 'all', passphrase?: string): Promise<RotationView>;
  /** The new key `to` takes the place of the old one, and the node starts anew with it. Errors: those of `Succession.finish`. */
  finishRotation(to: string, anyway?: boolean): Promise<void>;
  cancelRotation(): Promise<void>;
  /** The servers to keep links to, all that are known. Remembered. */
  setServers(urls: readonly string[]): Promise<void>;
  rename(name: string): Promise<void>;
  /** Undefined takes the passphrase away. Errors: `bad-passphrase` for the old one. */
  setPassphrase(passphrase: string | undefined, old: string | undefined): Promise<void>;
  /**
   * Everything of this identity as one encrypted file, told of by `progress` meanwhile. `app`: what the page wants to find again. Errors:
   * `bad-argument` for the passphrase, those of the store.
   */
  backup(passphrase: string, app?: JsonObject): Promise<Blob>;
  /** Asks the browser not to evict what is kept. Resolves with whether it will. */
  persist(): Promise<boolean>;
  /** Removes the identity and all messages from this browser. */
  erase(): Promise<void>;
  /** Returns a function that ends the subscription. `traffic`: whether it is told of that too. */
  subscribe(listener: (event: TabEvent) => void, options?: { readonly traffic?: boolean }): () => void;
}

/** Parley in a page: from the first visit on. */
export interface Parley {
  readonly phase: Phase;
  /** Called at every change of `phase`. Returns a function that ends it. */
  onPhase(listener: (phase: Phase) => void): () => void;
  /** Makes an identity. Errors: `bad-argument` for the name, `conflict` when there is one already, those of the store. */
  begin(name: string, passphrase?: string): Promise<void>;
  /**
   * Takes what is in a backup: everything, or an identity alone. Resolves with what a page had put into it. Errors: `bad-passphrase`, `corrupt`,
   * `unsupported` (of a later version), `conflict`, those of the store; then nothing is kept of it. `replace`: in the place of who is at home
   * here, of whom nothing stays, once the backup was read to its end and found whole.
   */
  restore(file: Blob, passphrase: string, replace?: boolean): Promise<JsonObject | undefined>;
  /** Errors: `bad-passphrase`. */
  unlock(passphrase: string): Promise<void>;
  readonly node: TabNode;
  /** Stops what runs in this tab; another tab takes over. */
  close(): Promise<void>;
}

export interface ParleyOptions {
  /** Where the page came from, and so where its first server is: `location`. */
  readonly location: Pick<Location, 'protocol' | 'host'>;
  /** Starts the script in which the node is to run: one that calls `runNode` of `@parley/browser/worker`. */
  readonly startWorker: () => Worker;
  /** Name of the database and the channel between tabs. Default `parley`. */
  readonly name?: string;
  /** What is written to the console. Default `warn`. */
  readonly logLevel?: LogLevel;
  /** Cost of a passphrase. Default `DEFAULT_SCRYPT_COST`. */
  readonly scryptCost?: ScryptCost;
}
