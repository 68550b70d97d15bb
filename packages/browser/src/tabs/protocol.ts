import { type ErrorCode, ParleyError } from '@parley/core';
import type { Sealed } from '../identity/sealed.ts';
import type { Phase, TabEvent } from '../parley.ts';

/** What tabs of one browser say to each other. A tab with a page of another version is not understood, and not answered. */
export type TabMessage = { readonly version: typeof TAB_PROTOCOL } & (
  | { readonly kind: 'who' }
  /** Said by the leading tab: when it begins, when its phase changes, and when asked. `session`: the woken secret, sealed. */
  | { readonly kind: 'lead'; readonly term: string; readonly phase: LeaderPhase; readonly session: Sealed | undefined }
  | { readonly kind: 'watch'; readonly tab: string; readonly wanted: boolean; readonly traffic: boolean }
  | { readonly kind: 'call'; readonly term: string; readonly id: string; readonly name: CallName; readonly args: readonly unknown[] }
  | { readonly kind: 'answer'; readonly id: string; readonly value: unknown; readonly error?: PlainError }
  | { readonly kind: 'event'; readonly term: string; readonly event: TabEvent }
);

export const TAB_PROTOCOL = 1;

/** The phase of the node itself, wherever it is seen from. */
export type LeaderPhase = Exclude<Phase, { phase: 'running' }> | { readonly phase: 'running' };

/** What can be asked while there is no node: it is about the identity. */
export const VAULT_CALLS = ['begin', 'restore', 'unlock', 'erase'] as const;
export const NODE_CALLS = [
  'status',
  'channels',
  'create',
  'join',
  'leave',
  'members',
  'messages',
  'message',
  'send',
  'attachment',
  'offerFile',
  'drafts',
  'keepDraft',
  'sentDrafts',
  'discardDraft',
  'fetchFile',
  'file',
  'removeFile',
  'search',
  'act',
  'changes',
  'pinned',
  'markRead',
  'typing',
  'here',
  'nodes',
  'route',
  'safetyNumber',
  'contacts',
  'contactLink',
  'addContact',
  'acceptContact',
  'declineContact',
  'removeContact',
  'renameContact',
  'blockContact',
  'unblockContact',
  'verifyContact',
  'decideKey',
  'createClosed',
  'closedChannel',
  'invite',
  'invitations',
  'acceptInvitation',
  'declineInvitation',
  'removeMember',
  'setRole',
  'channelSettings',
  'setTimer',
  'settings',
  'circuits',
  'setSettings',
  'devices',
  'deviceCode',
  'askDevice',
  'confirmDevice',
  'revokeDevice',
  'rotation',
  'beginRotation',
  'finishRotation',
  'cancelRotation',
  'setServers',
  'rename',
  'setPassphrase',
  'backup',
] as const;

/** What reads all of a file may take as long as it has to. */
export const SLOW_CALLS: readonly CallName[] = ['offerFile'];

export type VaultCall = (typeof VAULT_CALLS)[number];
export type NodeCall = (typeof NODE_CALLS)[number];
export type CallName = VaultCall | NodeCall;

export function isVaultCall(name: CallName): name is VaultCall {
  return (VAULT_CALLS as readonly string[]).includes(name);
}

/** An error as it goes from tab to tab. */
export interface PlainError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: Record<string, unknown>;
}

export function plainError(thrown: unknown): PlainError {
  const { code, message, data } = ParleyError.from(thrown);
  return { code, message, data: JSON.parse(JSON.stringify(data)) as Record<string, unknown> };
}

export function errorOf({ code, message, data }: PlainError): ParleyError {
  return new ParleyError(code, message, { data });
}
