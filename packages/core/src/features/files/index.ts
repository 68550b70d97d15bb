export { type FileConfig, fileDefaults } from './config.ts';
export { CHUNK_BYTES, levelsOf, listOf, sealChunk, sealLists } from './layout.ts';
export { type FileDeps, type FileEvents, FileSharing, type FileStanding, type OfferedFile } from './service.ts';
export { aboutFile, type FileAbout, type FileRecord, fileTables } from './shelf.ts';
export { FILE_ASK, FILE_CHUNK, FILE_STATE, FILE_WANT, fileVerbs } from './verbs.ts';
