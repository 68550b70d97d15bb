export { type CertificateConfig, certificateDefaults } from './config.ts';
export { certificateTables } from './rows.ts';
export { Certificates } from './service.ts';
export type { KnownCertificate } from './shelf.ts';
export { CERTIFICATE, certificateVerbs, GETCERTIFICATE } from './verbs.ts';
