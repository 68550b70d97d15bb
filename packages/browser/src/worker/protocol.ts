import type { ScryptCost } from '@parley/core';
import type { Sealed } from '../identity/sealed.ts';
import type { LogLevel } from '../log.ts';
import type { TabEvent } from '../parley.ts';
import type { CallName, LeaderPhase, PlainError } from '../tabs/protocol.ts';

/** What a worker has to know before it can lead. */
export interface WorkerOptions {
  readonly name: string;
  readonly ownServer: string | undefined;
  readonly logLevel: LogLevel | undefined;
  readonly scryptCost: ScryptCost | undefined;
  /** What a tab that led before has left. */
  readonly session: Sealed | undefined;
}

/** What a page says to the worker in which its node runs. */
export type ToWorker =
  | { readonly kind: 'start'; readonly options: WorkerOptions }
  | { readonly kind: 'call'; readonly id: number; readonly name: CallName; readonly args: readonly unknown[] }
  | { readonly kind: 'wake' }
  | { readonly kind: 'watch'; readonly wanted: boolean }
  | { readonly kind: 'close' };

/** What it answers. */
export type FromWorker =
  | { readonly kind: 'phase'; readonly phase: LeaderPhase; readonly session: Sealed | undefined }
  | { readonly kind: 'event'; readonly event: TabEvent }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown; readonly error?: PlainError }
  | { readonly kind: 'closed' };
