import type {
  ChangeView,
  ChannelView,
  ContactView,
  DeliveryView,
  InvitationView,
  MemberView,
  MessageView,
  NewAct,
  Person,
} from '@parley/host';
import type { Attached } from '../format/attachments.ts';
import type { Completion } from './complete.ts';
import { type Editor, emptyEditor, emptyRecall, type Recall } from './editor.ts';
import type { Timeline } from './timeline.ts';

/** Where the reader stands in a timeline: the last row shown is row `row` of item `id`. Undefined: at the end, following. */
export interface Anchor {
  readonly id: string;
  readonly row: number;
}

/** A message that the node has not confirmed to be on disk. */
export interface Unconfirmed {
  readonly localId: number;
  readonly text: string;
  readonly time: number;
  /** The message that it answers. */
  readonly replyTo?: MessageView;
  /** It is a file that is being read: `have` of `size` bytes, once that is known. */
  readonly file?: { readonly path: string; readonly have?: number; readonly size?: number };
  /** Why it was not taken; undefined while the answer is awaited. */
  readonly error?: string;
}

export interface ChannelState {
  readonly view: ChannelView;
  readonly timeline: Timeline;
  readonly unconfirmed: readonly Unconfirmed[];
  /** What was changed about it, oldest first. */
  readonly changes: readonly ChangeView[];
  /** Node ids. */
  readonly members: readonly string[];
  /** Of a closed one: what its members may do in it, by node id. */
  readonly roles: ReadonlyMap<string, Pick<MemberView, 'role' | 'invited'>>;
  readonly unread: number;
  /** Whether one of the unread messages names the user. */
  readonly mentioned: boolean;
  /** The item that was the last when the user turned to another channel: what follows is new. */
  readonly readUpTo: string | undefined;
  readonly anchor: Anchor | undefined;
  readonly draft: Editor;
  readonly history: 'unknown' | 'loading' | 'more' | 'complete';
  /** Who is writing something now. */
  readonly typing: readonly Person[];
}

/** What is attached to a message, of which `msgId` is the cursor. */
export interface ListedFile {
  readonly msgId: string;
  readonly sender: Person;
  readonly attached: Attached;
}

export type Connection = { readonly kind: 'connecting' } | { readonly kind: 'online' } | { readonly kind: 'offline'; readonly why: string };

export interface Self {
  readonly nodeId: string;
  readonly key: string;
  readonly name: string;
  readonly display: string;
  readonly version: string;
}

/** Shown in the place of the messages until it is closed. */
export interface Panel {
  readonly title: string;
  readonly lines: readonly PanelLine[];
  /** First line shown. */
  readonly top: number;
  /** It lists the members of this channel, as they are known from one moment to the next. */
  readonly membersOf?: string;
}

export interface PanelLine {
  readonly text: string;
  readonly tone?: 'strong' | 'faint' | 'warning';
  /** Indentation of what does not fit in one row. */
  readonly hang?: number;
}

export interface Notice {
  readonly text: string;
  readonly tone: 'info' | 'error';
  /** Milliseconds since 1970 at which it goes. */
  readonly until: number;
}

export interface ChatState {
  readonly size: { readonly columns: number; readonly rows: number };
  readonly colours: boolean;
  readonly now: number;
  readonly connection: Connection;
  readonly self: Self | undefined;
  readonly links: number;
  /** Joined ones, in order of name. */
  readonly channels: readonly ChannelState[];
  /** All that are known, joined or not. */
  readonly known: readonly ChannelView[];
  /** Id of the channel on the screen. */
  readonly active: string | undefined;
  /** The channel that the user asked for on the command line, until it was found. */
  readonly wanted: string | undefined;
  readonly people: ReadonlyMap<string, Person>;
  /** Contacts, those who ask to be one, and those who are blocked. */
  readonly contacts: readonly ContactView[];
  /** To closed channels, until the user is in. */
  readonly invitations: readonly InvitationView[];
  /** Ids of channels in which nothing new stands out. */
  readonly muted: ReadonlySet<string>;
  /** Files that are being fetched or saved, by numbers of this chat. */
  readonly saving: ReadonlySet<number>;
  /** The files that were shown last, as they were numbered, and of which channel. */
  readonly listed: { readonly channelId: string; readonly files: readonly ListedFile[] } | undefined;
  /** News of own messages that are not in a timeline yet. */
  readonly earlyDeliveries: ReadonlyMap<string, DeliveryView>;
  /** What is written while no channel is on the screen. */
  readonly looseDraft: Editor;
  readonly recall: Recall;
  readonly completion: Completion | undefined;
  readonly panel: Panel | undefined;
  readonly notice: Notice | undefined;
  readonly nextLocalId: number;
  /** Milliseconds since 1970 of the last Ctrl-C on an empty line: a second one ends the chat. */
  readonly interruptedAt: number;
}

/** What the state asks of the world. */
export type Effect =
  | {
      readonly do: 'send';
      readonly channelId: string;
      readonly localId: number;
      readonly text: string;
      readonly replyTo?: string;
      /** Of a file that goes along: absolute. */
      readonly path?: string;
    }
  | { readonly do: 'act'; readonly channelId: string; readonly act: NewAct }
  /** `about`: in words, what is forwarded whereto. */
  | { readonly do: 'forward'; readonly channelId: string; readonly text: string; readonly about: string }
  | { readonly do: 'files'; readonly channelId: string }
  /** `to`: an absolute path. */
  | {
      readonly do: 'save';
      readonly id: number;
      readonly channelId: string;
      readonly msgId: string;
      readonly index: number;
      readonly to?: string;
    }
  | { readonly do: 'cancel'; readonly ids: readonly number[] }
  | { readonly do: 'keep-muted'; readonly muted: readonly string[] }
  | { readonly do: 'timer'; readonly channelId: string; readonly seconds: number }
  | { readonly do: 'load'; readonly channelId: string; readonly before?: string }
  | { readonly do: 'members' | 'changes'; readonly channelId: string }
  | { readonly do: 'channels' | 'invitations' }
  /** `id`: the key of who asks, or the channel to which the user is invited. `title`: in words, safe to print. */
  | { readonly do: 'answer'; readonly kind: 'contact' | 'invitation'; readonly yes: boolean; readonly id: string; readonly title: string }
  | { readonly do: 'join' | 'create'; readonly name: string }
  | { readonly do: 'leave'; readonly channelId: string }
  | { readonly do: 'search'; readonly words: string; readonly channelId?: string }
  | { readonly do: 'read'; readonly channelId: string; readonly cursor: string }
  | { readonly do: 'typing'; readonly channelId: string; readonly typing: boolean }
  | { readonly do: 'here' }
  | { readonly do: 'info'; readonly channelId: string | undefined }
  | { readonly do: 'redraw' }
  | { readonly do: 'quit' };

/** What happened. */
export type Action =
  | {
      readonly type: 'connected';
      readonly self: Self;
      readonly links: number;
      readonly channels: readonly ChannelView[];
      readonly contacts: readonly ContactView[];
      readonly invitations: readonly InvitationView[];
    }
  | { readonly type: 'disconnected'; readonly why: string }
  | { readonly type: 'channels'; readonly channels: readonly ChannelView[]; readonly open?: string }
  | { readonly type: 'invitations'; readonly invitations: readonly InvitationView[] }
  | { readonly type: 'changes'; readonly channelId: string; readonly changes: readonly ChangeView[] }
  | { readonly type: 'members'; readonly channelId: string; readonly members: readonly MemberView[] }
  | {
      readonly type: 'page';
      readonly channelId: string;
      readonly messages: readonly MessageView[];
      /** The cursor that was asked for; undefined for the latest page. */
      readonly before: string | undefined;
      readonly complete: boolean;
    }
  | { readonly type: 'not-loaded'; readonly channelId: string; readonly why: string }
  | { readonly type: 'sent'; readonly channelId: string; readonly localId: number; readonly message: MessageView }
  | { readonly type: 'not-sent'; readonly channelId: string; readonly localId: number; readonly why: string }
  | { readonly type: 'files'; readonly channelId: string; readonly files: readonly ListedFile[]; readonly lines: readonly PanelLine[] }
  | { readonly type: 'save-over'; readonly id: number }
  | { readonly type: 'note'; readonly channelId: string; readonly text: string }
  | { readonly type: 'panel'; readonly title: string; readonly lines: readonly PanelLine[] }
  | { readonly type: 'notice'; readonly text: string; readonly tone: 'info' | 'error'; readonly forMs?: number }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number }
  | { readonly type: 'tick' };

export function initialState(options: {
  columns: number;
  rows: number;
  colours: boolean;
  now: number;
  wanted?: string | undefined;
  muted?: readonly string[];
}): ChatState {
  return {
    size: { columns: options.columns, rows: options.rows },
    colours: options.colours,
    now: options.now,
    connection: { kind: 'connecting' },
    self: undefined,
    links: 0,
    channels: [],
    known: [],
    active: undefined,
    wanted: options.wanted,
    people: new Map(),
    contacts: [],
    invitations: [],
    muted: new Set(options.muted),
    saving: new Set(),
    listed: undefined,
    earlyDeliveries: new Map(),
    looseDraft: emptyEditor,
    recall: emptyRecall,
    completion: undefined,
    panel: undefined,
    notice: undefined,
    nextLocalId: 1,
    interruptedAt: 0,
  };
}

export function newChannel(view: ChannelView): ChannelState {
  return {
    view,
    timeline: [],
    changes: [],
    unconfirmed: [],
    members: [],
    roles: new Map(),
    unread: view.unread,
    mentioned: false,
    readUpTo: undefined,
    anchor: undefined,
    draft: emptyEditor,
    history: 'unknown',
    typing: [],
  };
}

export function activeChannel(state: ChatState): ChannelState | undefined {
  return state.channels.find(({ view }) => view.id === state.active);
}

export function withChannel(state: ChatState, channelId: string, change: (channel: ChannelState) => ChannelState): ChatState {
  let changed = false;
  const channels = state.channels.map((channel) => {
    if (channel.view.id !== channelId) return channel;
    const next = change(channel);
    changed ||= next !== channel;
    return next;
  });
  return changed ? { ...state, channels } : state;
}

/** What is being written: each channel has its own. */
export function draftOf(state: ChatState): Editor {
  return activeChannel(state)?.draft ?? state.looseDraft;
}

export function withDraft(state: ChatState, draft: Editor): ChatState {
  const channel = activeChannel(state);
  return channel ? withChannel(state, channel.view.id, (known) => ({ ...known, draft })) : { ...state, looseDraft: draft };
}

const NOTICE_MS = 8000;

export function withNotice(state: ChatState, text: string, tone: Notice['tone'] = 'info', forMs: number = NOTICE_MS): ChatState {
  return { ...state, notice: { text, tone, until: state.now + forMs } };
}
