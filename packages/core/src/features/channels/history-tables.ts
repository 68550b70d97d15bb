import type { TableSpec } from '../../ports/store.ts';
import { ACTS, BY_SEQ, HISTORY } from './history-keys.ts';
import { rewordEdited, wordsOf } from './restoring.ts';

export const SEQS = 'history_seqs';
/** Where an own message stands, by its id: whoever sends it again is told of it. */
export const OWN = 'own_messages';

/** What points to messages comes before them. */
export const historyTables: readonly TableSpec[] = [
  { name: SEQS, small: true, backup: {} },
  { name: BY_SEQ, small: true, backup: {} },
  { name: OWN, small: true, backup: {} },
  { name: ACTS, backup: { restored: rewordEdited } },
  { name: HISTORY, searchable: true, backup: { textOf: wordsOf } },
];
