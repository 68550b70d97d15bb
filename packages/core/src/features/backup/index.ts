export { type BackupOptions, type BackupSource, backUp } from './back-up.ts';
export { type BackupRow, type OpenBackup, openBackup, type Restored, restoreRows } from './restore.ts';
export { type RestoredMark, readRestored, restoredTables } from './restored.ts';
