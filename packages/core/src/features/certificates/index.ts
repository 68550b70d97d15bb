export { type CertificateConfig, certificateDefaults } from './config.ts';
export { Certificates, certificateTables } from './service.ts';
export type { KnownCertificate } from './shelf.ts';
export { CERTIFICATE, certificateVerbs, GETCERTIFICATE } from './verbs.ts';
