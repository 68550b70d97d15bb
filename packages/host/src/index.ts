export * from './api/index.ts';
export {
  type Authority,
  authorityCertificatePath,
  createAuthority,
  type IssuedCertificate,
  type NewAuthority,
  openAuthority,
  readAuthorities,
} from './authority.ts';
export { createCrypto, createNodeCrypto, type HostAgreementKey, type HostCrypto, type HostSigningKey } from './crypto.ts';
export {
  type BackupFileOptions,
  type RestoredFile,
  restoreBackupFile,
  writeBackupFile,
} from './data/backup-file.ts';
export { type DataDirectory, inPrivateDirectory, openDataDirectory } from './data/directory.ts';
export { backUpIdentity, restoreIdentity } from './data/identity-backup.ts';
export {
  changePassphrase,
  createIdentityFile,
  exportCertificate,
  identityPath,
  installCertificate,
  loadIdentity,
  type NewIdentity,
  openIdentity,
  type PublicIdentity,
  privateKeyOf,
  readPublicIdentity,
  renameIdentity,
  type StoredIdentity,
} from './data/identity-file.ts';
export { fromPem, type PemBlock, toPem } from './data/pem.ts';
export { type JsonFields, readSecretFile } from './data/secret-file.ts';
export { writeSafely } from './data/write-safely.ts';
export { createFiles } from './files.ts';
export { createLog, type LogLevel, type LogOptions, type LogStream } from './log.ts';
export { describeMetrics } from './metrics/index.ts';
export * from './node/index.ts';
export { createClock, createRandom } from './platform.ts';
export { openSqliteStore, type SqliteStoreOptions } from './store/index.ts';
export {
  ALPN_PROTOCOL,
  createTlsTransport,
  DEFAULT_TLS_LIMITS,
  type RefusalReason,
  type TlsIdentity,
  type TlsLimits,
  type TlsTransportOptions,
} from './tls/index.ts';
export { createUdp } from './udp.ts';
export { parseOrigin, Site, type SiteOptions, type Visit } from './web/site.ts';
export {
  createWsTransport,
  isWsAddress,
  LINK_PATH,
  PROTOCOL,
  type WsRefusal,
  type WsTransport,
  type WsTransportOptions,
} from './ws/index.ts';
