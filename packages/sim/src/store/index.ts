export { MemoryDisk } from './disk.ts';
export { MemoryDrive, MemoryStore, type MemoryStoreOptions } from './store.ts';
