import type { Phase, TabStatus } from '@parley/browser';
import type {
  ChangeView,
  ChannelView,
  ClosedView,
  ContactView,
  DevicesView,
  ErrorCode,
  InvitationView,
  MemberView,
  MessageView,
  NewAttachment,
  NewFile,
  Person,
} from '@parley/core';
import type { Route } from './route.ts';
import type { Settings } from './settings.ts';

/** The part of one channel's history that is loaded: without holes, oldest first. */
export interface Timeline {
  readonly messages: readonly MessageView[];
  /** Nothing older is in the store. */
  readonly atStart: boolean;
  /** Nothing newer is in the store: what comes now belongs at the end. */
  readonly atEnd: boolean;
  readonly loading?: 'older' | 'newer' | 'all';
  /** Cursors of messages that came after their gap had been shown. */
  readonly late: ReadonlySet<string>;
  /** Cursor of the first unread message when the channel was opened. */
  readonly unreadFrom?: string;
  /** How many of others were unread then. */
  readonly unreadCount?: number;
}

/** A message on its way to the disk of this node. */
export interface Outgoing {
  readonly msgId: string;
  readonly text: string;
  readonly replyTo?: string;
  readonly attachments?: readonly (NewAttachment | NewFile)[];
  /** Under which ids the node keeps what is attached until it is sent. */
  readonly drafts?: readonly string[];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Why it could not be kept; it waits for the user then. */
  readonly failed?: { readonly code: ErrorCode; readonly message: string };
}

/** A few words that stand on the screen for a while. */
export interface Notice {
  readonly id: number;
  readonly kind: 'info' | 'error';
  readonly text: string;
}

export interface SearchState {
  readonly query: string;
  readonly channel?: string;
  readonly busy: boolean;
  readonly results?: readonly MessageView[];
  readonly error?: string;
}

/** What a page draws of itself until its node runs: as it was when it was last seen. */
export interface Shell extends Person {
  readonly name: string;
  readonly channels: readonly ChannelView[];
}

/** Who is in a closed channel, and what the user may do there. */
export interface ClosedChannel {
  readonly view: ClosedView;
  readonly members: readonly MemberView[];
}

/** All that the app shows. Changed by pure functions alone. */
export interface AppState {
  readonly phase: Phase;
  readonly status?: TabStatus;
  readonly shell?: Shell;
  readonly channels?: readonly ChannelView[];
  /** Contacts, those who ask to be one, and those who are blocked. */
  readonly contacts?: readonly ContactView[];
  /** Invitations to closed channels that wait for an answer. */
  readonly invitations?: readonly InvitationView[];
  /** Of closed channels that were looked into, by id. */
  readonly closed: Readonly<Record<string, ClosedChannel>>;
  /** What was last heard of others, by node id. */
  readonly people: Readonly<Record<string, Person>>;
  /** Node ids by channel. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** Who is writing something now, by channel; none where nobody is. */
  readonly typing: Readonly<Record<string, readonly Person[]>>;
  readonly timelines: Readonly<Record<string, Timeline>>;
  /** What was changed about conversations that are loaded, oldest first. */
  readonly changes: Readonly<Record<string, readonly ChangeView[]>>;
  readonly outbox: Readonly<Record<string, readonly Outgoing[]>>;
  /** The message that the next one answers, by channel. */
  readonly replies: Readonly<Record<string, MessageView>>;
  /** The message that is being edited, by channel. */
  readonly edits: Readonly<Record<string, MessageView>>;
  readonly route: Route;
  readonly search: SearchState;
  readonly settings: Settings;
  readonly notices: readonly Notice[];
  /** The last write to the store was refused for lack of room. */
  readonly storageFull: boolean;
  /** The devices of the user, of which this is one. */
  readonly devices?: DevicesView;
  /** A new version of the app waits. */
  readonly updateReady: boolean;
  /** Which dialog stands in front. */
  readonly dialog?: Dialog;
}

export type Dialog =
  | { readonly kind: 'switcher' }
  | { readonly kind: 'help' }
  | { readonly kind: 'create' }
  | { readonly kind: 'browse' }
  | { readonly kind: 'leave'; readonly channelId: string }
  | { readonly kind: 'timer'; readonly channelId: string }
  | { readonly kind: 'channel-settings'; readonly channelId: string }
  | { readonly kind: 'delete'; readonly message: MessageView }
  | { readonly kind: 'forward'; readonly message: MessageView }
  /** `index`: of what is attached to the message. */
  | { readonly kind: 'remove-file'; readonly message: MessageView; readonly index: number }
  | { readonly kind: 'person'; readonly nodeId: string }
  /** `link`: whom to add, where that is known already. */
  | { readonly kind: 'add-contact'; readonly link?: string }
  | { readonly kind: 'requests' }
  | { readonly kind: 'invitations' }
  | { readonly kind: 'invite'; readonly channelId: string }
  | { readonly kind: 'member'; readonly channelId: string; readonly nodeId: string };
